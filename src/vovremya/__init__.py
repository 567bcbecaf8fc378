"""Vovremya: the working day of a car service's late-client desk."""
