#!/usr/bin/env python3
"""Drives a Marathon through its own Python client, step by step.

    drive.py --url http://127.16.40.1:8080 --version 1.4.13 [--cache DIRECTORY]

The client is installed into DIRECTORY/venv once; without --cache that is reconciler/marathon-client/DIGEST below XDG_CACHE_HOME or
~/.cache, where DIGEST is that of the requirements and this Python. Every step is a line; the first that fails is named on standard error and ends the run with status 1.
Statuses: 0 all steps passed, 1 a step failed, 2 wrong usage.
"""

import argparse
import fcntl
import hashlib
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
APP = "/conformance/web"
STUCK = "/conformance/stuck"


class Failed(Exception):
    """A step's expectation that does not hold."""


def fail(step, reason):
    print(f"failed {step}: {reason}", file=sys.stderr, flush=True)
    # Threads may hang in reads; nothing of theirs is worth waiting for.
    os._exit(1)


def digest():
    """What is to be installed, in which Python."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()


def default_cache():
    caches = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(caches) / "reconciler" / "marathon-client" / digest()[:16]


def arguments():
    parser = argparse.ArgumentParser(description="Drives a Marathon through its Python client.")
    parser.add_argument("--cache", type=pathlib.Path, default=default_cache(), help="where the client is installed")
    parser.add_argument("--url", default="http://127.16.40.1:8080", help="Marathon's base URL (default %(default)s)")
    parser.add_argument("--version", default="1.4.13", help="the Marathon version that is expected there, default %(default)s")
    parser.add_argument("--deadline", type=float, default=60, help="seconds for one step (default 60)")
    parser.add_argument("--install-only", action="store_true", help="install the client and stop")
    options = parser.parse_args()
    try:
        options.numbers = tuple(int(part) for part in options.version.split("-")[0].split("."))
    except ValueError:
        parser.error(f"--version {options.version} is no version")
    return options


def installed(cache):
    """The Python of a virtual environment that holds the client."""
    cache.mkdir(parents=True, exist_ok=True)
    environment = cache / "venv"
    python = environment / "bin" / "python"
    stamp = cache / "installed"
    wanted = digest()
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if python.exists() and stamp.exists() and stamp.read_text() == wanted:
            return python
        stamp.unlink(missing_ok=True)
        commands = [
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)],
        ]
        for command in commands:
            try:
                subprocess.run(command, check=True, timeout=300, stdin=subprocess.DEVNULL)
            except (subprocess.SubprocessError, OSError) as error:
                fail("install", error)
        stamp.write_text(wanted)
    return python


class Events:
    """The event stream, read in the background."""

    def __init__(self, client):
        self.arrived = queue.Queue()
        self.seen = []
        threading.Thread(target=self.read, args=(client,), daemon=True).start()

    def read(self, client):
        try:
            for event in client.event_stream(raw=True):
                self.arrived.put(event)
            self.arrived.put(Failed("the event stream ended"))
        except Exception as error:  # whatever it is, the step that waits reports it
            self.arrived.put(error)

    def wait_for(self, event_type, matches, deadline):
        """Waits for an event that is there or still comes."""
        for event in self.seen:
            if event.get("eventType") == event_type and matches(event):
                return event
        while True:
            try:
                event = self.arrived.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                kinds = sorted({event.get("eventType", "?") for event in self.seen})
                raise Failed(f"no {event_type}; what came: {', '.join(kinds) or 'nothing'}") from None
            if isinstance(event, Exception):
                raise event
            event = json.loads(event)
            self.seen.append(event)
            if event.get("eventType") == event_type and matches(event):
                return event


class Drive:
    """The steps, in their order; what one leaves the next finds."""

    def __init__(self, options):
        import marathon
        import requests

        self.marathon = marathon
        self.options = options
        self.ids = []
        self.stream = None
        # The environment's proxies have no say in what is asked of this machine.
        sessions = [requests.Session(), requests.Session()]
        for session in sessions:
            session.trust_env = False
        self.client = marathon.MarathonClient(
            options.url, timeout=10, session=sessions[0], sse_session=sessions[1]
        )

    def steps(self):
        names = ["ping", "info", "leader"]
        if self.options.numbers >= (0, 9):
            names.append("events")
        names += ["unknown", "create"]
        if self.options.numbers >= (0, 8, 1):
            names.append("duplicate")
        names += ["scale", "update", "restart", "deployments", "versions", "kill", "delete"]
        if self.options.numbers >= (0, 9):
            names.append("told")
        return names

    def run(self):
        for name in self.steps():
            started = time.monotonic()
            self.deadline = started + self.options.deadline
            # A request that never ends must not outlive its step.
            watch = threading.Timer(self.options.deadline + 15, fail, [name, "hangs"])
            watch.daemon = True
            watch.start()
            try:
                said = getattr(self, name)()
            except Exception as error:
                fail(name, error if isinstance(error, Failed) else f"{type(error).__name__}: {error}")
            watch.cancel()
            print(f"ok {name}: {said} ({time.monotonic() - started:.1f} s)", flush=True)

    # Words the steps are made of.

    def until(self, what, condition):
        """Asks again until the condition gives something, or the step's deadline."""
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() >= self.deadline:
                raise Failed(f"{what} did not come")
            time.sleep(0.1)

    def expect(self, holds, otherwise):
        if not holds:
            raise Failed(otherwise)

    def deployed(self, answer):
        """Waits for the deployment that an answer names, and keeps its id."""
        identifier = answer.get("deploymentId")
        self.expect(identifier, f"the answer names no deployment: {answer}")
        self.ids.append(identifier)
        self.until(
            f"the end of deployment {identifier}",
            lambda: identifier not in [deployment.id for deployment in self.client.list_deployments()],
        )

    def running(self, count):
        """Waits for so many tasks that run, and only those; their ids."""

        def tasks():
            app = self.client.get_app(APP)
            tasks = self.client.list_tasks(APP)
            is_settled = app.tasks_running == count and len(tasks) == count and not app.deployments
            return tasks if is_settled else None

        return {task.id for task in self.until(f"{count} running tasks", tasks)} if count else set()

    # The steps.

    def ping(self):
        text = self.client.ping().decode()
        # The client asks for JSON, which is what Marathon has answered with since 1.5.
        self.expect(text.strip() in ("pong", '"pong"'), f"{text!r} is not pong")
        return "pong"

    def info(self):
        info = self.client.get_info()
        self.expect(info.version.split("-")[0] == self.options.version.split("-")[0], f"{info.version} runs there")
        self.expect(info.framework_id, "it has no framework id")
        return f"{info.name} {info.version}"

    def leader(self):
        leader = self.client.get_leader()
        text = leader.get("leader") if isinstance(leader, dict) else str(leader)
        self.expect(text and ":" in text, f"{leader!r} is no leader")
        return text

    def events(self):
        self.stream = Events(self.client)
        self.stream.wait_for("event_stream_attached", lambda event: True, self.deadline)
        return "attached"

    def unknown(self):
        try:
            self.client.get_app(APP)
        except self.marathon.exceptions.NotFoundError as error:
            return str(error)
        raise Failed(f"{APP} is there before it is created")

    def create(self):
        app = self.marathon.MarathonApp(cmd="sleep 100000", cpus=0.1, mem=32, instances=1)
        created = self.client.create_app(APP, app)
        self.expect(created, "the answer is not 201")
        self.expect(created.id == APP, f"{created.id} was created")
        self.ids += [deployment.id for deployment in created.deployments]
        self.tasks = self.running(1)
        return f"{created.id} version {created.version}"

    def duplicate(self):
        app = self.marathon.MarathonApp(cmd="sleep 1", cpus=0.1, mem=32)
        try:
            self.client.create_app(APP, app)
        except self.marathon.exceptions.MarathonHttpError as error:
            self.expect(error.status_code == 409, f"the answer is {error.status_code}")
            return str(error)
        raise Failed("an app was created over one that is there")

    def scale(self):
        self.deployed(self.client.scale_app(APP, instances=3))
        tasks = self.running(3)
        self.expect(self.tasks <= tasks, "the task that was there was replaced")
        self.tasks = tasks
        return "3 tasks"

    def update(self):
        self.deployed(self.client.update_app(APP, self.marathon.MarathonApp(env={"GREETING": "hello"})))
        tasks = self.running(3)
        self.expect(not self.tasks & tasks, "tasks of the old version are left")
        env = self.client.get_app(APP).env
        self.expect(env.get("GREETING") == "hello", f"the environment is {env}")
        self.tasks = tasks
        return "all tasks replaced"

    def restart(self):
        before = self.client.get_app(APP).version
        self.deployed(self.client.restart_app(APP))
        tasks = self.running(3)
        self.expect(not self.tasks & tasks, "old tasks are left")
        self.expect(self.client.get_app(APP).version != before, "the version stayed")
        self.tasks = tasks
        return "all tasks replaced"

    def deployments(self):
        # No machine is that big: the deployment stays until it is called off.
        self.client.create_app(STUCK, self.marathon.MarathonApp(cmd="sleep 1", cpus=100000, mem=32))
        listed = [deployment for deployment in self.client.list_deployments() if STUCK in deployment.affected_apps]
        self.expect(len(listed) == 1, f"{len(listed)} deployments are listed for an app that cannot be deployed")
        try:
            self.client.scale_app(STUCK, instances=2)
        except self.marathon.exceptions.MarathonHttpError as error:
            self.expect(error.status_code == 409, f"the answer for a locked app is {error.status_code}")
        else:
            raise Failed("an app was changed under its deployment")
        self.deployed(self.client.delete_app(STUCK, force=True))
        left = [deployment.id for deployment in self.client.list_deployments()]
        self.expect(listed[0].id not in left, "the deployment that was called off is there")
        self.deployed(self.client.scale_app(APP, instances=5))
        self.running(5)
        return "one was listed, locked its app and was called off"

    def versions(self):
        versions = self.client.list_versions(APP)
        self.expect(len(versions) >= 4, f"there are {len(versions)} versions after four changes")
        oldest = self.client.get_version(APP, min(versions))
        self.expect(oldest.cmd == "sleep 100000", f"the oldest version runs {oldest.cmd}")
        return f"{len(versions)} versions"

    def kill(self):
        before = self.running(5)
        victim = sorted(before)[0]
        self.client.kill_task(APP, victim)
        self.until("a replacement", lambda: victim not in {task.id for task in self.client.list_tasks(APP)})
        self.expect(victim not in self.running(5), "the killed task is back")
        return f"{victim} replaced"

    def delete(self):
        self.deployed(self.client.delete_app(APP))

        def gone():
            try:
                self.client.get_app(APP)
            except self.marathon.exceptions.NotFoundError:
                return True

        self.until("the end of the app", gone)
        left = [task.id for task in self.client.list_tasks() if task.app_id == APP]
        self.expect(not left, f"tasks are left: {left}")
        return APP

    def told(self):
        for identifier in self.ids:
            self.stream.wait_for("deployment_success", lambda event: event.get("id") == identifier, self.deadline)
        self.stream.wait_for("status_update_event", lambda event: event.get("taskStatus") == "TASK_RUNNING", self.deadline)
        return f"{len(self.ids)} deployments, {len(self.stream.seen)} events"


def main():
    options = arguments()
    if os.environ.get("MARATHON_CLIENT_PYTHON") != str(options.cache):
        python = installed(options.cache)
        if options.install_only:
            print("ok install")
            return
        os.environ["MARATHON_CLIENT_PYTHON"] = str(options.cache)
        os.execv(python, [str(python), str(HERE / "drive.py"), *sys.argv[1:]])

    # The client is older than Python 3.10, which took the aliases out of `collections`.
    import collections
    import collections.abc
    import logging

    collections.Iterable = collections.abc.Iterable
    logging.getLogger("marathon").setLevel(logging.CRITICAL)
    try:
        drive = Drive(options)
    except ImportError as error:
        fail("import", error)
    drive.run()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
