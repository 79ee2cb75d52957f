import * as Effect from "effect/Effect"
import { createTable } from "../src/Database/Ddl.js"

/** The four tables that the bots write, where there are none yet. A table that is there stays as it is. */
export default Effect.all(
  [
    createTable(
      "bots",
      `uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       bot_id BIGINT NOT NULL,
       username VARCHAR(64) NULL,
       admin_id BIGINT NOT NULL,
       ref_percent DECIMAL(5,2) NOT NULL DEFAULT 0,
       balance DECIMAL(20,8) NOT NULL DEFAULT 0,
       status VARCHAR(32) NOT NULL DEFAULT 'ACTIVE',
       meta JSON NULL`
    ),
    createTable(
      "users",
      `uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       user_id BIGINT NOT NULL,
       bot_id INT NOT NULL,
       username VARCHAR(64) NULL,
       invited VARCHAR(64) NULL,
       reg_date DATETIME NULL,
       ref_percent DECIMAL(5,2) NOT NULL DEFAULT 0,
       meta JSON NULL`
    ),
    // `bill_id` is ordered by its code points: with the binary collation, the index gives that order.
    createTable(
      "payments",
      `bill_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
       user_id BIGINT NOT NULL,
       bot_id INT NOT NULL,
       provider VARCHAR(32) NULL,
       amount DECIMAL(20,8) NOT NULL,
       currency VARCHAR(16) NOT NULL,
       status VARCHAR(32) NOT NULL,
       date DATETIME NOT NULL,
       meta JSON NULL`
    ),
    createTable(
      "subscriptions",
      `uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       sub_uid VARCHAR(64) NOT NULL,
       sub_url VARCHAR(512) NULL,
       user_id BIGINT NOT NULL,
       bot_id INT NOT NULL,
       status VARCHAR(32) NOT NULL,
       start_date DATETIME NULL,
       stop_date DATETIME NULL,
       meta JSON NULL,
       \`keys\` JSON NULL`
    )
  ],
  { discard: true }
)
