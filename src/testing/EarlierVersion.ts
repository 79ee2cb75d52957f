import type { Connection } from "mysql2/promise"

/** What a version before 0.2 left in the bots' database: triggers, and tables of which some have other columns now. */

const NO_USER = "-10000000000000000000"

const mark = (row: "OLD" | "NEW") =>
  `INSERT INTO bot_analytics_marks (bot_id, user_id) VALUES (COALESCE(${row}.bot_id, 0), COALESCE(${row}.user_id, ${NO_USER}));`

const BODIES = {
  INSERT: mark("NEW"),
  UPDATE: `IF NOT (OLD.bot_id <=> NEW.bot_id AND OLD.user_id <=> NEW.user_id) THEN ${mark("OLD")} END IF; ${mark("NEW")}`,
  DELETE: mark("OLD")
}

export const OLD_TRIGGERS = ["users", "payments", "subscriptions"].flatMap((table) =>
  Object.entries(BODIES).map(([event, body]) => {
    const name = `bot_analytics_${table}_${event.toLowerCase()}`
    return {
      name,
      statement: `CREATE TRIGGER ${name} AFTER ${event} ON ${table} FOR EACH ROW
        BEGIN DECLARE CONTINUE HANDLER FOR 1146 BEGIN END; ${body} END`
    }
  })
)

const LABEL = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"

const TABLES = [
  `bot_analytics_marks (bot_id BIGINT NOT NULL, id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, user_id DECIMAL(20,0) NOT NULL,
    PRIMARY KEY (bot_id, id), KEY (id))`,
  `bot_analytics_bots (bot_id INT NOT NULL PRIMARY KEY, signature CHAR(64) NOT NULL, marked_to DECIMAL(20,0) NULL,
    built_at DATETIME(3) NULL)`,
  `bot_analytics_users (bot_id INT NOT NULL, user_id DECIMAL(20,0) NOT NULL,
    facts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, PRIMARY KEY (bot_id, user_id))`,
  `bot_analytics_days (bot_id INT NOT NULL, day INT NOT NULL, counts VARBINARY(2304) NOT NULL, PRIMARY KEY (bot_id, day))`,
  `bot_analytics_totals (bot_id INT NOT NULL, metric VARCHAR(16) NOT NULL, label ${LABEL}, n BIGINT NOT NULL,
    amount DECIMAL(38,8) NOT NULL, PRIMARY KEY (bot_id, metric, label))`,
  `bot_analytics_revenue (bot_id INT NOT NULL, width SMALLINT NOT NULL, start INT NOT NULL, currency ${LABEL},
    amount DECIMAL(38,8) NOT NULL, PRIMARY KEY (bot_id, width, start, currency))`
]

/** With figures of the bot that are not what its rows say, and a mark that was not folded. */
export const installEarlierVersion = async (connection: Connection, bot: number): Promise<void> => {
  for (const table of TABLES) await connection.query(`CREATE TABLE ${table}`)
  for (const { statement } of OLD_TRIGGERS) await connection.query(statement)
  await connection.query(`
    INSERT INTO bot_analytics_bots VALUES (${bot}, REPEAT('0', 64), NULL, '2026-01-01');
    INSERT INTO bot_analytics_marks (bot_id, user_id) VALUES (${bot}, 1);
    INSERT INTO bot_analytics_users VALUES (${bot}, 4242, '[["user","",1,1,"0.00000000"]]');
    INSERT INTO bot_analytics_days VALUES (${bot}, 20453, REPEAT('\\0', 2304));
    INSERT INTO bot_analytics_totals VALUES (${bot}, 'user', '', 4242, 0), (${bot}, 'revenue', 'RUB', 7, 7);
    INSERT INTO bot_analytics_revenue VALUES (${bot}, 96, 0, 'RUB', 7)`)
}
