import DaemonHost
