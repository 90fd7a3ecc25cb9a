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
