public import Daemons

extension LabNode {
    /// A person's account, with what `useradd -m` puts into a new home; one that is there stays as it is.
    public mutating func addUser(_ name: String, at now: Moment) {
        guard !users.contains(name) else { return }
        users.append(name)
        let home = "/home/\(name)"
        files.makeDirectory(home, mode: 0o755, owner: name, group: name, at: clock(at: now))
        files.write(
            "\(home)/.bashrc",
            "case $- in *i*) ;; *) return ;; esac\n"
                + "if [ -f ~/.bash_aliases ]; then . ~/.bash_aliases; fi\n",
            owner: name,
            group: name,
            at: clock(at: now)
        )
    }
}
