type Query = (sql: string, values?: unknown[]) => Promise<void>;

/**
 * Each row carries the SHA-256 of the row before it and of its own content, so that nobody can change, take out or slip in a row
 * without breaking what follows. `audit_head` names the last one: what is cut off at the end is missed too. Numbers have no gaps.
 */
export async function up(query: Query): Promise<void> {
  await query(`
    alter table audit alter column audit_id drop identity;
    alter table audit add column hash bytea;
    create table audit_head (
      only_row boolean primary key default true check (only_row),
      audit_id bigint not null,
      hash bytea not null
    );
    create function audit_row(entry audit) returns bytea language sql stable as $$
      select convert_to(jsonb_build_array(
        entry.audit_id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        entry.user_id, entry.action, entry.subject, entry.details, entry.address)::text, 'UTF8') $$;
    create function chain_audit() returns trigger language plpgsql as $$
      declare head audit_head;
      begin
        -- The lock on the one row puts writers in a line; it is held until their transaction ends.
        select * into strict head from audit_head for update;
        new.audit_id := head.audit_id + 1;
        new.hash := sha256(head.hash || audit_row(new));
        update audit_head set audit_id = new.audit_id, hash = new.hash;
        return new;
      end $$;

    alter table audit disable trigger audit_append_only;
    do $$
      declare one audit; last bytea := decode(repeat('00', 32), 'hex'); last_id bigint := 0;
      begin
        for one in select * from audit order by audit_id loop
          last := sha256(last || audit_row(one));
          last_id := one.audit_id;
          update audit set hash = last where audit_id = last_id;
        end loop;
        insert into audit_head (audit_id, hash) values (last_id, last);
      end $$;
    alter table audit enable trigger audit_append_only;
    alter table audit alter column hash set not null;
    create trigger audit_chain before insert on audit for each row execute function chain_audit();
    create trigger audit_head_stays before delete or truncate on audit_head
      for each statement execute function refuse_change();
    create index audit_subject on audit (subject, audit_id) where subject is not null;
    create index audit_user on audit (user_id, audit_id);
    create index audit_action on audit (action, audit_id);
  `);
}
