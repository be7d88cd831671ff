/** How the first line of a Unix machine's list of users begins: in no answer of FloCap's. */
export const PASSWD_LINE = 'root:x:0'
