CREATE OR REPLACE FUNCTION journal_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: no % of its entries', lower(TG_OP)
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE OR REPLACE TRIGGER journal_entry_is_never_changed BEFORE UPDATE ON journal_entry
FOR EACH ROW EXECUTE FUNCTION journal_entry_is_append_only();

CREATE OR REPLACE TRIGGER journal_entry_is_never_deleted BEFORE DELETE ON journal_entry
FOR EACH ROW EXECUTE FUNCTION journal_entry_is_append_only();

CREATE OR REPLACE TRIGGER journal_entry_is_never_emptied BEFORE TRUNCATE ON journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_is_append_only();
