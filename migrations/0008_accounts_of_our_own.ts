import { createAccounts } from "../src/Tables/Accounts.js"

/** The table of accounts, under a name that no panel has. */
export default createAccounts
