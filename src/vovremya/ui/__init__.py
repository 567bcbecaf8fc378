"""What every page shares: the frame, the look, the icons, the error pages."""
