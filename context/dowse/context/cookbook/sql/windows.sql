-- SPDX-License-Identifier: CC0-1.0

-- Get the top three products of each category by price (top N per group).
WITH ranked_products AS (
    SELECT
        name,
        category,
        price,
        ROW_NUMBER() OVER (PARTITION BY category ORDER BY price DESC, id) AS place
    FROM products
)
SELECT category, place, name, price
FROM ranked_products
WHERE place <= 3
ORDER BY category, place;

-- Get the latest order of each customer (newest row per group).
WITH numbered_orders AS (
    SELECT
        customer_id,
        id,
        amount,
        ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY created_at DESC, id DESC) AS place
    FROM orders
)
SELECT customer_id, id, amount
FROM numbered_orders
WHERE place = 1;

-- Calculate a running total (cumulative sum) by date.
SELECT created_at, amount,
    SUM(amount) OVER (ORDER BY created_at, id ROWS UNBOUNDED PRECEDING) AS running_total
FROM orders
ORDER BY created_at, id;

-- Calculate a moving average over the current and the two rows before.
SELECT day, visitors,
    AVG(visitors) OVER (ORDER BY day ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS moving_average
FROM daily_visits
ORDER BY day;

-- Compare each row with the previous one: the change from day to day (LAG).
SELECT day, visitors - LAG(visitors) OVER (ORDER BY day) AS change
FROM daily_visits
ORDER BY day;

-- Calculate each row's share of the total and of its group in percent.
SELECT name,
    ROUND(100.0 * price / SUM(price) OVER (), 1) AS share_of_all,
    ROUND(100.0 * price / SUM(price) OVER (PARTITION BY category), 1) AS share_of_category
FROM products
ORDER BY id;

-- Rank people by salary in their department; equal salaries share a rank (RANK and DENSE_RANK).
SELECT department, name,
    RANK() OVER (PARTITION BY department ORDER BY salary DESC) AS rank_with_gaps,
    DENSE_RANK() OVER (PARTITION BY department ORDER BY salary DESC) AS rank_without_gaps
FROM employees
ORDER BY department, salary DESC, id;

-- Calculate the median of a column.
WITH sorted_amounts AS (
    SELECT
        amount,
        ROW_NUMBER() OVER (ORDER BY amount) AS place,
        COUNT(*) OVER () AS total
    FROM orders
)
SELECT AVG(amount) AS median
FROM sorted_amounts
WHERE place IN ((total + 1) / 2, (total + 2) / 2);

-- Divide rows into four groups of equal size (quartiles) with NTILE.
SELECT id, amount, NTILE(4) OVER (ORDER BY amount, id) AS quartile
FROM orders;

-- Find gaps in a sequence of ids: the first and the last number that is missing.
WITH following AS (
    SELECT id, LEAD(id) OVER (ORDER BY id) AS next_id
    FROM tickets
)
SELECT id + 1 AS gap_start, next_id - 1 AS gap_end
FROM following
WHERE next_id - id > 1;

-- Find streaks: runs of consecutive days on which a user was active (gaps and islands).
WITH numbered_days AS (
    SELECT
        user_id,
        day,
        JULIANDAY(day) - ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY day) AS island
    FROM logins
)
SELECT user_id, MIN(day) AS first_day, MAX(day) AS last_day, COUNT(*) AS days
FROM numbered_days
GROUP BY user_id, island
ORDER BY user_id, first_day;

-- Find bookings of the same room whose time ranges overlap.
SELECT earlier.id AS booking, later.id AS overlaps_with
FROM bookings AS earlier
INNER JOIN bookings AS later
    ON later.room = earlier.room
    AND later.id > earlier.id
    AND later.starts_at < earlier.ends_at
    AND later.ends_at > earlier.starts_at;
