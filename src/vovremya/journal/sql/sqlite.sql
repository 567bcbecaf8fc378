CREATE TRIGGER IF NOT EXISTS journal_entry_is_never_changed BEFORE UPDATE ON journal_entry
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only: an entry is never changed');
END;

CREATE TRIGGER IF NOT EXISTS journal_entry_is_never_deleted BEFORE DELETE ON journal_entry
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only: an entry is never deleted');
END;
