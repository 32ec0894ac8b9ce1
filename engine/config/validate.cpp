#include "engine/config/validate.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/address.h"
#include "engine/crypto/bcrypt.h"
#include "engine/subject/renaming.h"
#include "engine/subject/subject.h"
#include "engine/subject/tokens.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox::config {

namespace {

Error invalid(std::string text) {
    return Error(Errc::InvalidArgument, std::move(text));
}

bool has_users(Options const& options) {
    return !options.authorization.users.empty() ||
           std::ranges::any_of(options.accounts, [](AccountOptions const& account) {
               return !account.users.empty();
           });
}

bool has_user(Options const& options, std::string_view id) {
    auto const is_it = [&](User const& user) { return user.id() == id; };
    return std::ranges::any_of(options.authorization.users, is_it) ||
           std::ranges::any_of(options.accounts, [&](AccountOptions const& account) {
               return std::ranges::any_of(account.users, is_it);
           });
}

Result<void> check_cluster(Options const& options) {
    ClusterOptions const& cluster = options.cluster;
    if (!cluster.enabled() && !cluster.routes.empty()) {
        return invalid("solicited routes require cluster capabilities, e.g. --cluster");
    }
    if (cluster.enabled() && options.jetstream.enabled) {
        return invalid("JetStream in a cluster is not built: leave out jetstream or cluster");
    }
    if (cluster.name.find(' ') != std::string::npos) {
        return invalid("cluster name cannot contain spaces");
    }
    for (ServerUrl const& route : cluster.routes) {
        if (route.host.empty() || route.port < 1) {
            return invalid(concat("error parsing route url ", base::quoted(route.shown())));
        }
    }
    std::string const& told = cluster.advertise;
    if (told.find(':') != std::string::npos && !parse_address(told).ok()) {
        return invalid(concat("invalid Cluster.Advertise value of ", told));
    }
    std::set<std::string_view> accounts;
    for (std::string const& account : cluster.accounts) {
        if (!accounts.insert(account).second) {
            return invalid(concat("found duplicate account ", base::quoted(account),
                                  " in pinned accounts list"));
        }
    }
    return {};
}

Result<void> check_no_auth_user(Options const& options) {
    std::string const& name = options.authorization.no_auth_user;
    if (name.empty()) {
        return {};
    }
    if (options.operators.enabled()) {
        return invalid("no_auth_user not compatible with Trusted Operator");
    }
    if (!has_users(options)) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " present, but users/nkeys are not defined"));
    }
    if (!has_user(options, name)) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " not present as user or nkey in authorization block or account "
                              "configuration"));
    }
    return {};
}

Result<void> check_operators(Options const& options) {
    OperatorOptions const& operators = options.operators;
    if (!operators.operators.empty() && !operators.trusted_keys.empty()) {
        return invalid("conflicting options for 'TrustedKeys' and 'TrustedOperators'");
    }
    if (!operators.enabled()) {
        return operators.default_sentinel.empty()
                   ? Result<void>()
                   : invalid("default sentinel requires operators and accounts");
    }
    if (std::ranges::any_of(options.accounts,
                            [](AccountOptions const& account) { return account.name != "$G"; })) {
        return invalid("operators do not allow Accounts to be configured directly");
    }
    if (has_users(options)) {
        return invalid("operators do not allow users to be configured directly");
    }
    if (options.authorization.callout) {
        return invalid("operators do not allow authorization callouts to be configured directly");
    }
    return {};
}

Result<void> check_callout(Options const& options) {
    if (!options.authorization.callout) {
        return {};
    }
    AuthCallout const& callout = *options.authorization.callout;
    auto const defined = [&](std::string const& name) {
        return name == "$G" || std::ranges::find(options.accounts, name, &AccountOptions::name) !=
                                   options.accounts.end();
    };
    for (std::string const& name : callout.allowed_accounts) {
        if (!defined(name)) {
            return invalid(concat("auth_callout allowed account ", base::quoted(name),
                                  " not found in configured accounts"));
        }
    }
    return {};
}

/// What is measured is told by the system account's own servers.
Result<void> check_latency(Options const& options) {
    if (!options.no_system_account) {
        return {};
    }
    for (AccountOptions const& account : options.accounts) {
        for (ExportOptions const& share : account.exports) {
            if (share.latency) {
                return invalid(concat("Error adding service latency sampling for ",
                                      base::quoted(share.subject), ": system account not setup"));
            }
        }
    }
    return {};
}

Result<void> check_monitoring(Options const& options) {
    Monitoring const& monitoring = options.monitoring;
    if (monitoring.http && monitoring.https) {
        return invalid(concat("Can't start monitoring: can't specify both HTTP (",
                              monitoring.http->port, ") and HTTPs (", monitoring.https->port,
                              ") ports"));
    }
    if (monitoring.https && !options.tls) {
        return invalid("Can't start monitoring: TLS cert and key required for HTTPS");
    }
    return {};
}

bool is_plain(crypto::Secret const& secret) {
    return !secret.empty() && !crypto::is_bcrypt(secret.reveal());
}

Result<void> check_jetstream(Options const& options) {
    std::string const& domain = options.jetstream.domain;
    if (domain.find_first_of(".*>") != std::string::npos) {
        return invalid("invalid domain name: may not contain ., * or >");
    }
    if (domain.find_first_of(" \t\r\n\f") != std::string::npos) {
        return invalid(concat("invalid domain name: derived \"$JS.", domain,
                              ".API.>\" is not a valid subject"));
    }
    std::string const& system = options.system_account;
    bool const keeps = std::ranges::any_of(options.accounts, [&](AccountOptions const& account) {
        return account.jetstream.has_value() && account.name == system;
    });
    return keeps && options.jetstream.enabled
               ? invalid("Not allowed to enable JetStream on the system account")
               : Result<void>();
}

}  // namespace

bool is_advertisable(std::string const& text) {
    if (text.empty() || text.find(':') == std::string::npos) {
        return text.find_first_of(" \t\r\n") == std::string::npos;
    }
    Result<ListenAddress> const address = parse_address(text);
    return address.ok() && !address.value().host.empty() && address.value().port > 0;
}

Result<void> validate(Options const& options) {
    Limits const& limits = options.limits;
    if (options.lame_duck.grace_period >= options.lame_duck.duration) {
        return invalid(concat("lame duck grace period (",
                              base::duration_text(options.lame_duck.grace_period),
                              ") should be strictly lower than lame duck duration (",
                              base::duration_text(options.lame_duck.duration), ")"));
    }
    if (limits.max_payload > limits.max_pending) {
        return invalid(concat("max_payload (", limits.max_payload,
                              ") cannot be higher than max_pending (", limits.max_pending, ")"));
    }
    if (options.server_name.find_first_of(" \t\r\n") != std::string::npos) {
        return invalid("server name cannot contain spaces");
    }
    if (!is_advertisable(options.client_advertise)) {
        return invalid(concat("client_advertise ", base::quoted(options.client_advertise),
                              " is not a host or host:port"));
    }
    TRY(check_cluster(options));
    TRY(check_no_auth_user(options));
    TRY(check_operators(options));
    TRY(check_callout(options));
    TRY(check_jetstream(options));
    TRY(check_latency(options));
    TRY(check_leafnodes(options));
    TRY(check_gateway(options));
    return check_monitoring(options);
}

bool has_plaintext_secret(Options const& options) {
    Authorization const& authorization = options.authorization;
    auto const plain = [](User const& user) { return is_plain(user.password); };
    LeafAuthorization const& leaf = options.leaf.authorization;
    auto const plain_of_leaf = [](LeafUser const& user) { return is_plain(user.password); };
    return is_plain(authorization.password) || is_plain(authorization.token) ||
           is_plain(leaf.password) || is_plain(options.gateway.login.password) ||
           std::ranges::any_of(leaf.users, plain_of_leaf) ||
           std::ranges::any_of(authorization.users, plain) ||
           std::ranges::any_of(options.accounts, [&](AccountOptions const& account) {
               return std::ranges::any_of(account.users, plain);
           });
}

namespace {

using subject::Filter;
using subject::Renaming;

constexpr std::string_view kStreamRefused = "stream import not authorized";
constexpr std::string_view kServiceRefused = "service import not authorized";
constexpr std::string_view kCycle = "import forms a cycle";

std::string_view token_at(std::string_view text, int place) {
    subject::Tokens tokens(text);
    std::string_view token;
    for (int i = 0; i < place; ++i) {
        if (tokens.done()) {
            return {};
        }
        token = tokens.next();
    }
    return token;
}

bool allows(AccountOptions const& exporter, ExportOptions const& share, std::string_view importer,
            ImportOptions const& import, CheckActivation const& check) {
    if (share.account_token_position > 0) {
        return token_at(import.subject, share.account_token_position) == importer;
    }
    if (share.token_required) {
        return check && check(exporter, share, importer, import);
    }
    bool const is_public = share.accounts.empty() && !share.accounts_given;
    return is_public || std::ranges::find(share.accounts, importer) != share.accounts.end();
}

std::string_view name_of(ShareKind kind) {
    return kind == ShareKind::Stream ? "stream" : "service";
}

/// What of an export cannot be, and why.
struct ExportFault {
    std::string what;
    std::string why;
};

std::optional<ExportFault> export_fault(ExportOptions const& share) {
    if (share.account_token_position > 0 &&
        token_at(share.subject, share.account_token_position) != "*") {
        return ExportFault{concat(name_of(share.kind), " export ", base::quoted(share.subject)),
                           "sublist: invalid subject"};
    }
    if (!share.latency) {
        return std::nullopt;
    }
    std::string what = concat("service latency sampling for ", base::quoted(share.subject),
                              " on subject ", base::quoted(share.latency->subject));
    if (share.response_type != ResponseType::Singleton) {
        return ExportFault{std::move(what), "bad service response type"};
    }
    if (!subject::Subject::parse(share.latency->subject).ok()) {
        return ExportFault{std::move(what), "invalid publish subject"};
    }
    return std::nullopt;
}

/// An import in what leads from account to account.
struct Edge {
    std::size_t account = 0;
    std::size_t index = 0;
    std::size_t exporter = 0;
    ShareKind kind = ShareKind::Stream;
    Renaming renaming;
};

/// Whether what comes out of one import goes into the other.
bool feeds(Edge const& from, Edge const& into) {
    return from.kind == into.kind &&
           into.renaming.exported_filter(Filter::from_checked(from.renaming.exported()))
               .has_value();
}

/// Looks for the way back to an import. Each is entered once, without recursion, so that time and
/// memory stay within the number of pairs that meet.
class CycleSearch {
public:
    CycleSearch(std::vector<Edge> const& edges, std::size_t accounts)
        : edges_(edges), of_account_(accounts), states_(edges.size(), State::Fresh) {
        for (std::size_t i = 0; i < edges.size(); ++i) {
            of_account_[edges[i].account].push_back(i);
        }
    }

    /// One that is part of a cycle; nothing: there is none.
    std::optional<std::size_t> find() {
        for (std::size_t i = 0; i < edges_.size(); ++i) {
            if (states_[i] == State::Fresh) {
                if (auto const found = walk(i)) {
                    return found;
                }
            }
        }
        return std::nullopt;
    }

private:
    enum class State : std::uint8_t {
        Fresh,
        OnPath,
        Done,
    };
    struct Step {
        std::size_t edge;
        std::size_t next = 0;  ///< Which import of the exporter comes next.
    };

    std::optional<std::size_t> walk(std::size_t start) {
        std::vector<Step> path{{start}};
        states_[start] = State::OnPath;
        while (!path.empty()) {
            Step& step = path.back();
            std::vector<std::size_t> const& onward = of_account_[edges_[step.edge].exporter];
            if (step.next == onward.size()) {
                states_[step.edge] = State::Done;
                path.pop_back();
                continue;
            }
            std::size_t const next = onward[step.next++];
            if (states_[next] == State::Done || !feeds(edges_[step.edge], edges_[next])) {
                continue;
            }
            if (states_[next] == State::OnPath) {
                return start;
            }
            states_[next] = State::OnPath;
            path.push_back({next});
        }
        return std::nullopt;
    }

    std::vector<Edge> const& edges_;
    std::vector<std::vector<std::size_t>> of_account_;
    std::vector<State> states_;
};

class SharingCheck {
public:
    SharingCheck(std::span<AccountOptions const> accounts, CheckActivation const& check)
        : accounts_(accounts), check_(check) {
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            by_name_.emplace(accounts[i].name, i);
        }
    }

    std::optional<SharingFault> run() {
        for (std::size_t i = 0; i < accounts_.size(); ++i) {
            if (auto fault = check_exports(i)) {
                return fault;
            }
        }
        for (std::size_t i = 0; i < accounts_.size(); ++i) {
            if (auto fault = check_imports(i)) {
                return fault;
            }
        }
        if (auto const found = CycleSearch(edges_, accounts_.size()).find()) {
            Edge const& edge = edges_[*found];
            return import_fault(edge.account, edge.index, std::string(kCycle));
        }
        return std::nullopt;
    }

private:
    std::optional<SharingFault> check_exports(std::size_t account) {
        std::vector<ExportOptions> const& exports = accounts_[account].exports;
        for (std::size_t i = 0; i < exports.size(); ++i) {
            if (auto fault = export_fault(exports[i])) {
                return SharingFault{.kind = exports[i].kind,
                                    .of_import = false,
                                    .account = accounts_[account].name,
                                    .index = i,
                                    .what = std::move(fault->what),
                                    .why = std::move(fault->why)};
            }
        }
        return std::nullopt;
    }

    std::optional<SharingFault> check_imports(std::size_t account) {
        std::vector<ImportOptions> const& imports = accounts_[account].imports;
        std::set<std::pair<std::string_view, std::string_view>> streams;
        for (std::size_t i = 0; i < imports.size(); ++i) {
            ImportOptions const& import = imports[i];
            auto const exporter = by_name_.find(import.account);
            // What an account takes from itself leads nowhere.
            if (exporter == by_name_.end() || exporter->second == account) {
                continue;
            }
            if (auto why = refusal(account, accounts_[exporter->second], import)) {
                return import_fault(account, i, std::move(*why));
            }
            bool const stream = import.kind == ShareKind::Stream;
            if (stream && !streams.emplace(import.account, import.subject).second) {
                return import_fault(account, i, "stream import already exists");
            }
            auto renaming = Renaming::create(import.subject, local_subject(import));
            if (!renaming.ok()) {
                return import_fault(account, i, unusable(import, renaming.error().detail()));
            }
            edges_.push_back({.account = account,
                              .index = i,
                              .exporter = exporter->second,
                              .kind = import.kind,
                              .renaming = std::move(renaming).value()});
        }
        return std::nullopt;
    }

    std::optional<std::string> refusal(std::size_t account, AccountOptions const& exporter,
                                       ImportOptions const& import) const {
        bool const stream = import.kind == ShareKind::Stream;
        if (stream && !import.prefix.empty() && Filter::parse(import.prefix).ok() &&
            Filter::from_checked(import.prefix).has_wildcard()) {
            return "stream import prefix can not contain wildcard tokens";
        }
        if (authorising_export(exporter, accounts_[account].name, import, check_) == nullptr) {
            return std::string(stream ? kStreamRefused : kServiceRefused);
        }
        return std::nullopt;
    }

    static std::string unusable(ImportOptions const& import, std::string const& why) {
        std::string const local = local_subject(import);
        bool const stream = import.kind == ShareKind::Stream;
        return concat("failed to create mapping transform for ", name_of(import.kind),
                      " import subject from ", base::quoted(stream ? import.subject : local),
                      " to ", base::quoted(stream ? local : import.subject), ": ", why);
    }

    SharingFault import_fault(std::size_t account, std::size_t index, std::string why) const {
        ImportOptions const& import = accounts_[account].imports[index];
        return {.kind = import.kind,
                .of_import = true,
                .account = accounts_[account].name,
                .index = index,
                .what = concat(name_of(import.kind), " import ", base::quoted(import.subject)),
                .why = std::move(why)};
    }

    std::span<AccountOptions const> accounts_;
    CheckActivation const& check_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<Edge> edges_;
};

}  // namespace

std::string local_subject(ImportOptions const& import) {
    if (!import.to.empty()) {
        return import.to;
    }
    if (import.kind == ShareKind::Service || import.prefix.empty()) {
        return import.subject;
    }
    return concat(import.prefix, import.prefix.ends_with('.') ? "" : ".", import.subject);
}

ExportOptions const* authorising_export(AccountOptions const& exporter, std::string_view importer,
                                        ImportOptions const& import, CheckActivation const& check) {
    auto const wanted = Filter::parse(import.subject);
    if (!wanted.ok()) {
        return nullptr;
    }
    // One on exactly this subject decides alone; else any that covers it may.
    auto const exact = std::ranges::find_if(exporter.exports, [&](ExportOptions const& share) {
        return share.kind == import.kind && share.subject == import.subject;
    });
    if (exact != exporter.exports.end()) {
        return allows(exporter, *exact, importer, import, check) ? &*exact : nullptr;
    }
    for (ExportOptions const& share : exporter.exports) {
        auto const offered = Filter::parse(share.subject);
        bool const covered =
            share.kind == import.kind && offered.ok() && offered.value().covers(wanted.value());
        if (covered && allows(exporter, share, importer, import, check)) {
            return &share;
        }
    }
    return nullptr;
}

std::optional<SharingFault> check_sharing(std::span<AccountOptions const> accounts,
                                          CheckActivation const& check) {
    return SharingCheck(accounts, check).run();
}

}  // namespace signalbox::config
