// A simulated cluster: nodes with files, packages and services, and on them the daemons of `Daemons`.
