DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint
         WHERE conname = 'schedule_occupation_no_overlap' AND conrelid = 'schedule_occupation'::regclass
    ) THEN
        -- Ranges of one number stand in for equality, so that no extension is needed.
        ALTER TABLE schedule_occupation ADD CONSTRAINT schedule_occupation_no_overlap EXCLUDE USING gist (
            int8range(bay_id, bay_id, '[]') WITH &&,
            int4range(lane, lane, '[]') WITH &&,
            tstzrange(starts_at, ends_at) WITH &&
        );
    END IF;
END
$$;
