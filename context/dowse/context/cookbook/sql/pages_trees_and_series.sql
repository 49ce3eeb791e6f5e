-- SPDX-License-Identifier: CC0-1.0

-- Get the next page of rows after the last one seen (keyset pagination), newest first.
-- Unlike OFFSET this stays fast on later pages, and skips no row when others are added.
SELECT id, created_at, amount
FROM orders
WHERE (created_at, id) < ('2024-02-10', 4)
ORDER BY created_at DESC, id DESC
LIMIT 2;

-- Get one page of rows by its number (OFFSET pagination) with the count of all rows.
SELECT id, name, COUNT(*) OVER () AS total_rows
FROM products
ORDER BY name, id
LIMIT 2 OFFSET 2;

-- Get all employees below a manager at any depth (hierarchy with a recursive CTE).
WITH RECURSIVE team AS (
    SELECT id, name, 0 AS depth FROM employees WHERE id = 1
    UNION ALL
    SELECT employees.id, employees.name, team.depth + 1
    FROM employees
    INNER JOIN team ON employees.manager_id = team.id
)
SELECT depth, name FROM team ORDER BY depth, id;

-- Show a tree of categories with the full path of each (breadcrumbs by a recursive CTE).
WITH RECURSIVE paths AS (
    SELECT id, name AS path FROM categories WHERE parent_id IS NULL
    UNION ALL
    SELECT categories.id, paths.path || ' > ' || categories.name
    FROM categories
    INNER JOIN paths ON categories.parent_id = paths.id
)
SELECT path FROM paths ORDER BY path;

-- Find all nodes that can be reached in a graph, which may have cycles.
-- UNION drops the nodes that were seen already, where UNION ALL would never end.
WITH RECURSIVE reachable AS (
    SELECT 'a' AS node
    UNION
    SELECT edges.target FROM edges INNER JOIN reachable ON edges.source = reachable.node
)
SELECT node FROM reachable ORDER BY node;

-- Generate a series of numbers with a recursive CTE.
WITH RECURSIVE numbers AS (
    SELECT 1 AS n
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 10
)
SELECT n FROM numbers;

-- Generate all days of a month and count the orders of each, days without orders included.
WITH RECURSIVE days AS (
    SELECT DATE('2024-02-01') AS day
    UNION ALL
    SELECT DATE(day, '+1 day') FROM days WHERE day < '2024-02-29'
)
SELECT days.day, COUNT(orders.id) AS orders_of_day
FROM days
LEFT JOIN orders ON DATE(orders.created_at) = days.day
GROUP BY days.day
ORDER BY days.day;

-- Split a text at commas into rows with a recursive CTE.
WITH RECURSIVE split AS (
    SELECT '' AS part, 'red,green,blue' || ',' AS rest
    UNION ALL
    SELECT SUBSTR(rest, 1, INSTR(rest, ',') - 1), SUBSTR(rest, INSTR(rest, ',') + 1)
    FROM split
    WHERE rest <> ''
)
SELECT part FROM split WHERE part <> '';

-- Pick random rows from a table.
SELECT id, name FROM products ORDER BY RANDOM() LIMIT 2;

-- Search a column for a text that may hold % or _, ignoring case (LIKE with ESCAPE).
SELECT name FROM products WHERE LOWER(name) LIKE '%50\%%' ESCAPE '\';

-- Sort with NULL values last and a fixed order of certain values first.
SELECT id, priority
FROM tasks
ORDER BY
    CASE status WHEN 'urgent' THEN 0 WHEN 'open' THEN 1 ELSE 2 END,
    CASE WHEN priority IS NULL THEN 1 ELSE 0 END,
    priority;

-- Divide without an error or a wrong whole number: NULL for a zero divisor, decimals kept.
SELECT name, 1.0 * price / NULLIF(stock, 0) AS price_per_piece FROM products ORDER BY id;
