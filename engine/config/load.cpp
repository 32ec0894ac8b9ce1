#include "engine/config/load.h"

#include "engine/base/text.h"
#include "engine/config/schema.h"
#include "engine/config/validate.h"

#include <algorithm>
#include <set>
#include <utility>

namespace signalbox::config {

namespace {

/// Users of accounts are named: beside them there is no single one, and no token.
void check_single(Options const& options, Value::Map const& root, Problems& problems) {
    Authorization const& authorization = options.authorization;
    Value const* const at = member(Block::Top, root, "authorization");
    bool const named = std::ranges::any_of(
        options.accounts, [](AccountOptions const& account) { return !account.users.empty(); });
    if (at == nullptr || !named) {
        return;
    }
    if (!authorization.user.empty() || !authorization.password.empty()) {
        problems.error(at->position(), "Can not have a single user/pass and accounts");
    }
    if (!authorization.token.empty()) {
        problems.error(at->position(), "Can not have a token and a users array");
    }
}

/// Who had to shake hands first has so long again to say who it is, and a second.
void settle_auth_timeout(Options& options) {
    if (options.tls && !options.authorization.timeout_given) {
        options.authorization.timeout = options.tls->timeout + base::seconds(1);
    }
}

/// What other clusters call it, it is called.
void settle_cluster_name(Options& options) {
    if (options.cluster.enabled() && options.cluster.name.empty()) {
        options.cluster.name = options.gateway.name;
    }
}

}  // namespace

Result<Loaded> read_options(Document const& document, std::string const& path, FileReader& files) {
    Loaded loaded;
    Problems problems;
    std::set<std::string, std::less<>> user_ids;
    Target target{.options = loaded.options,
                  .problems = problems,
                  .files = files,
                  .user_ids = user_ids,
                  .object = &loaded.options};
    if (document.root.empty()) {
        problems.warnings.push_back(concat(path, ": config has no values or is empty"));
    }
    read_members(Block::Top, document.root, target);
    check_single(loaded.options, document.root, problems);
    if (!problems.errors.empty()) {
        std::vector<std::string> lines = std::move(problems.warnings);
        lines.insert(lines.end(), problems.errors.begin(), problems.errors.end());
        return Error(Errc::InvalidArgument, base::join(lines, "\n"));
    }
    loaded.options.files.config_file = path;
    loaded.options.files.config_digest = document.digest;
    loaded.warnings = std::move(problems.warnings);
    return loaded;
}

Result<Loaded> load(CommandLine const& command_line, FileReader& files,
                    Environment const& variables) {
    Loaded loaded;
    if (!command_line.config_file().empty()) {
        Document const document = TRY(parse_file(command_line.config_file(), files, variables));
        loaded = TRY(read_options(document, command_line.config_file(), files));
    }
    TRY(command_line.apply(loaded.options, files));
    settle_auth_timeout(loaded.options);
    settle_cluster_name(loaded.options);
    TRY(validate(loaded.options));
    return loaded;
}

}  // namespace signalbox::config
