-- SPDX-License-Identifier: CC0-1.0

-- Insert a row, or update it if it exists already (upsert with ON CONFLICT).
INSERT INTO settings (name, value)
VALUES ('theme', 'dark')
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- Insert a row only if it does not exist yet, and do nothing otherwise.
INSERT INTO tags (name)
VALUES ('new')
ON CONFLICT (name) DO NOTHING;

-- Increase a counter, or start it at one (upsert that refers to the old value).
INSERT INTO counters (name, hits)
VALUES ('home', 1)
ON CONFLICT (name) DO UPDATE SET hits = counters.hits + 1;

-- Insert several rows in one statement and return their new ids (RETURNING).
INSERT INTO products (name, category, price)
VALUES ('pear', 'fruit', 3), ('leek', 'vegetable', 2)
RETURNING id;

-- Copy rows from one table into another.
INSERT INTO archived_orders (id, customer_id, amount)
SELECT id, customer_id, amount
FROM orders
WHERE created_at < '2024-02-01';

-- Update a table with values from another table (UPDATE with a subquery).
UPDATE products
SET price = (SELECT new_prices.price FROM new_prices WHERE new_prices.product_id = products.id)
WHERE EXISTS (SELECT 1 FROM new_prices WHERE new_prices.product_id = products.id);

-- Update different rows with different values in one statement (UPDATE with CASE).
UPDATE orders
SET status = CASE WHEN amount = 0 THEN 'free' WHEN amount > 100 THEN 'review' ELSE status END
WHERE status = 'open';

-- Delete duplicate rows and keep the one with the lowest id.
DELETE FROM customers
WHERE id NOT IN (SELECT MIN(id) FROM customers GROUP BY LOWER(email));

-- Delete rows that refer to nothing any more (orphans).
DELETE FROM orders
WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = orders.customer_id);

-- Delete old rows in small batches, so that others need not wait long for the lock.
DELETE FROM sessions
WHERE id IN (SELECT id FROM sessions WHERE expires_at < '2024-01-01' ORDER BY id LIMIT 1000);

-- Mark a row as deleted instead of deleting it (soft delete).
UPDATE documents
SET deleted_at = CURRENT_TIMESTAMP
WHERE id = 2 AND deleted_at IS NULL;

-- Change a row only if nobody else changed it in between (optimistic locking with a version).
UPDATE accounts
SET balance = 150, version = version + 1
WHERE id = 1 AND version = 3;

-- Swap the values of two columns.
UPDATE points SET x = y, y = x;
