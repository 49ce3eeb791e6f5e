-- SPDX-License-Identifier: CC0-1.0

-- Create a table with a primary key, required and unique columns, checks and defaults.
CREATE TABLE IF NOT EXISTS members (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    age INTEGER CHECK (age >= 0),
    role TEXT NOT NULL DEFAULT 'reader' CHECK (role IN ('reader', 'writer', 'admin')),
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Create a table for a many-to-many relation with foreign keys; rows go with what they refer to.
CREATE TABLE IF NOT EXISTS member_groups (
    member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL,
    PRIMARY KEY (member_id, group_id)
);

-- Create an index for queries that filter by one column and sort by another.
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id, created_at);

-- Allow each title only once among the rows that are not deleted (partial unique index).
CREATE UNIQUE INDEX IF NOT EXISTS live_documents_by_title ON documents (title)
WHERE deleted_at IS NULL;

-- Create a view that hides a join and a filter behind a name.
CREATE VIEW IF NOT EXISTS paid_orders AS
SELECT orders.id, customers.name, orders.amount
FROM orders
INNER JOIN customers ON customers.id = orders.customer_id
WHERE orders.status = 'paid';

-- Keep the time of the last change of a row up to date by a trigger.
CREATE TRIGGER IF NOT EXISTS documents_changed AFTER UPDATE OF title ON documents
BEGIN
    UPDATE documents SET changed_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
