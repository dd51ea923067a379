-- The groups have an order of their own, and so have the changes: mixed, and always the same.
INSERT INTO anagrams (letters, words)
  SELECT letters, string_agg(text, ' ' ORDER BY text) FROM words GROUP BY letters ORDER BY letters;

WITH records AS (
  SELECT 'words' AS model, id FROM words UNION ALL SELECT 'anagrams', id FROM anagrams
), times AS (
  SELECT model, id, 1 AS time FROM records UNION ALL SELECT model, id, 2 FROM records WHERE id % 10 = 0
)
INSERT INTO changes (model, record_id) SELECT model, id FROM times ORDER BY md5(model || id || '.' || time);
ANALYZE;
