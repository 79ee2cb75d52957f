#!/bin/bash
# The image of MySQL runs it as root when it first makes the database. The image gives the service's account all rights on its
# own database and none on the log, which the figures follow. A data folder that was made before wants this statement once.
docker_process_sql <<<"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '$MYSQL_USER'@'%'"
