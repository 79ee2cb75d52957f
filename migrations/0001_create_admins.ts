import { createTable } from "../src/Database/Ddl.js"

/** The dashboard's accounts: our own table, apart from the bots' `users`, so that a login counts in no figure. */
export default createTable(
  "admins",
  `uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
   user_id BIGINT NOT NULL,
   username VARCHAR(64) NULL,
   first_name VARCHAR(255) NULL,
   last_name VARCHAR(255) NULL,
   language_code VARCHAR(35) NULL,
   created_at DATETIME(3) NOT NULL,
   last_login_at DATETIME(3) NOT NULL,
   UNIQUE KEY admins_user_id (user_id)`
)
