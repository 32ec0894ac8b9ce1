#include "engine/config/sharing.h"

#include "engine/base/text.h"
#include "engine/subject/renaming.h"
#include "engine/subject/subject.h"
#include "engine/subject/tokens.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox::config {
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
