-- When the store recorded a request; NULL where that is also when the controller received it.
ALTER TABLE request ADD COLUMN recorded TEXT;

-- Open and overdue requests are found without reading every request.
CREATE INDEX request_by_state ON request (state, due, completed);

-- Numbers that would cost a scan of every item. Triggers keep the rows, also where another program changes them; whoever adds or removes items keeps the subjects.
CREATE TABLE tally (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally SELECT 'rows', count(*) FROM item;
INSERT INTO tally SELECT 'subjects', count(*) FROM (SELECT DISTINCT coalesce(subject, id) FROM item);
CREATE TRIGGER item_added AFTER INSERT ON item BEGIN UPDATE tally SET value = value + 1 WHERE name = 'rows'; END;
CREATE TRIGGER item_removed AFTER DELETE ON item BEGIN UPDATE tally SET value = value - 1 WHERE name = 'rows'; END;

-- Statements are long. Without a rowid they lie in the tree of their keys, and every comparison of a key reads a whole statement: the table gets rows, and an index of its keys.
ALTER TABLE certificate RENAME TO earlier_certificate;
CREATE TABLE certificate (
  request  INTEGER NOT NULL REFERENCES request (number),
  form     TEXT NOT NULL,
  envelope TEXT NOT NULL,
  PRIMARY KEY (request, form)
) STRICT;
INSERT INTO certificate SELECT * FROM earlier_certificate ORDER BY request, form;
DROP TABLE earlier_certificate;

-- Tombstones are compared with the log without reading either: 'forgotten' counts those of items; 'tombstones' is the sum, modulo 2^60, over all of twelve digits of the mark, the kind and the request. The setting of
-- that name has what the sum is by the changes that this program made, together with the entries of the log.
INSERT INTO tally VALUES ('forgotten', 0), ('tombstones', 0);
CREATE TRIGGER tombstone_added AFTER INSERT ON tombstone BEGIN
  UPDATE tally SET value = value + (NEW.kind = 'item') WHERE name = 'forgotten';
  UPDATE tally SET value = (value + 65537 * NEW.request + (unicode(substr(NEW.kind, 2)) << 48)
    + (SELECT sum(instr('123456789ABCDEF', substr(hex(NEW.mark), column1, 1)) << (4 * column1 - 4)) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)))) & 1152921504606846975 WHERE name = 'tombstones';
END;
CREATE TRIGGER tombstone_removed AFTER DELETE ON tombstone BEGIN
  UPDATE tally SET value = value - (OLD.kind = 'item') WHERE name = 'forgotten';
  UPDATE tally SET value = (value - 65537 * OLD.request - (unicode(substr(OLD.kind, 2)) << 48)
    - (SELECT sum(instr('123456789ABCDEF', substr(hex(OLD.mark), column1, 1)) << (4 * column1 - 4)) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)))) & 1152921504606846975 WHERE name = 'tombstones';
END;
CREATE TRIGGER tombstone_changed AFTER UPDATE ON tombstone BEGIN
  UPDATE tally SET value = value + (NEW.kind = 'item') - (OLD.kind = 'item') WHERE name = 'forgotten';
  UPDATE tally SET value = (value + 65537 * NEW.request + (unicode(substr(NEW.kind, 2)) << 48)
    + (SELECT sum(instr('123456789ABCDEF', substr(hex(NEW.mark), column1, 1)) << (4 * column1 - 4)) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)))) & 1152921504606846975 WHERE name = 'tombstones';
  UPDATE tally SET value = (value - 65537 * OLD.request - (unicode(substr(OLD.kind, 2)) << 48)
    - (SELECT sum(instr('123456789ABCDEF', substr(hex(OLD.mark), column1, 1)) << (4 * column1 - 4)) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)))) & 1152921504606846975 WHERE name = 'tombstones';
END;
CREATE TABLE earlier_tombstone (mark BLOB, kind TEXT, request INTEGER) STRICT;
INSERT INTO earlier_tombstone SELECT * FROM tombstone;
DELETE FROM tombstone;
UPDATE tally SET value = 0 WHERE name IN ('forgotten', 'tombstones');
INSERT INTO tombstone SELECT * FROM earlier_tombstone ORDER BY mark;
DROP TABLE earlier_tombstone;
INSERT INTO setting SELECT name, CAST(value AS TEXT) FROM tally WHERE name = 'tombstones';

-- A page of all requests begins without sorting them.
CREATE INDEX request_by_due ON request (due);

-- Whether what a commitment is about was found; a certificate also names what was not, where other names of its request were.
ALTER TABLE commitment ADD COLUMN found INTEGER NOT NULL DEFAULT 1;
