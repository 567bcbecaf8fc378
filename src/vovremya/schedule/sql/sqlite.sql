DROP TRIGGER IF EXISTS schedule_occupation_no_overlap_on_insert;

CREATE TRIGGER schedule_occupation_no_overlap_on_insert BEFORE INSERT ON schedule_occupation
WHEN EXISTS (
    SELECT 1 FROM schedule_occupation AS other
     WHERE other.bay_id = NEW.bay_id AND other.lane = NEW.lane
       AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN
    SELECT RAISE(ABORT, 'schedule_occupation_no_overlap');
END;

DROP TRIGGER IF EXISTS schedule_occupation_no_overlap_on_update;

CREATE TRIGGER schedule_occupation_no_overlap_on_update
BEFORE UPDATE OF bay_id, lane, starts_at, ends_at ON schedule_occupation
WHEN EXISTS (
    SELECT 1 FROM schedule_occupation AS other
     WHERE other.bay_id = NEW.bay_id AND other.lane = NEW.lane AND other.id <> OLD.id
       AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN
    SELECT RAISE(ABORT, 'schedule_occupation_no_overlap');
END;
