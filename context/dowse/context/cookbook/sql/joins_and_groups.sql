-- SPDX-License-Identifier: CC0-1.0

-- Count and add up the orders of each customer, customers without orders included (LEFT JOIN).
SELECT customers.name, COUNT(orders.id) AS order_count, COALESCE(SUM(orders.amount), 0) AS total
FROM customers
LEFT JOIN orders ON orders.customer_id = customers.id
GROUP BY customers.id, customers.name
ORDER BY total DESC;

-- Find the customers who never placed an order (anti join with NOT EXISTS).
-- NOT IN would return nothing at all if one customer_id is NULL.
SELECT customers.id, customers.name
FROM customers
WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.customer_id = customers.id);

-- Find the customers who have at least one large order (semi join with EXISTS).
SELECT customers.name
FROM customers
WHERE EXISTS (
    SELECT 1 FROM orders WHERE orders.customer_id = customers.id AND orders.amount > 100
);

-- Find values that occur more than once, such as the same e-mail in several rows (duplicates).
SELECT LOWER(email) AS address, COUNT(*) AS occurrences
FROM customers
GROUP BY LOWER(email)
HAVING COUNT(*) > 1;

-- Count rows by status in one row (pivot rows to columns with conditional aggregation).
SELECT customer_id,
    SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) AS paid,
    SUM(CASE WHEN status = 'open' THEN 1 ELSE 0 END) AS open,
    COUNT(*) AS total_orders
FROM orders
GROUP BY customer_id;

-- Turn columns into rows (unpivot) with UNION ALL.
SELECT id, 'email' AS field, email AS value FROM customers
UNION ALL
SELECT id, 'city', city FROM customers
ORDER BY id, field;

-- Join a table with itself: every employee with the name of the manager (self join).
SELECT employees.name AS employee, managers.name AS manager
FROM employees
LEFT JOIN employees AS managers ON managers.id = employees.manager_id
ORDER BY employees.id;

-- Count the distinct customers and the average amount of each month.
SELECT SUBSTR(created_at, 1, 7) AS month,
    COUNT(DISTINCT customer_id) AS buyers,
    ROUND(AVG(amount), 2) AS average
FROM orders
GROUP BY SUBSTR(created_at, 1, 7)
ORDER BY month;

-- Put numbers into groups (histogram) of width 50 and count each.
SELECT CAST(amount / 50 AS INTEGER) * 50 AS bucket, COUNT(*) AS frequency
FROM orders
GROUP BY bucket
ORDER BY bucket;

-- Compare two tables: the rows that are in one of them only (EXCEPT in both directions).
SELECT 'only in old' AS difference, gone.*
FROM (SELECT * FROM old_prices EXCEPT SELECT * FROM new_prices) AS gone
UNION ALL
SELECT 'only in new' AS difference, added.*
FROM (SELECT * FROM new_prices EXCEPT SELECT * FROM old_prices) AS added;

-- Join the names of each group into one text with commas (string aggregation).
SELECT department, GROUP_CONCAT(name, ', ') AS members
FROM (SELECT department, name FROM employees ORDER BY name) AS sorted
GROUP BY department;
