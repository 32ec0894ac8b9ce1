#include "engine/auth/operator_mode.h"

#include "engine/auth/directory_resolver.h"
#include "engine/auth/url_resolver.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

#include <utility>

namespace signalbox::auth {
namespace {

std::unique_ptr<AccountResolver> make_resolver(World& world, config::OperatorOptions const& options,
                                               OperatorTrust const& trust,
                                               DirectoryResolver::AskOthers ask_others) {
    config::ResolverOptions const resolver = resolver_of(options, trust);
    switch (resolver.kind) {
        case config::ResolverKind::Url:
            return std::make_unique<UrlResolver>(world, resolver, options.preload);
        case config::ResolverKind::Full:
        case config::ResolverKind::Cache:
            return std::make_unique<DirectoryResolver>(world, resolver, options.preload,
                                                       std::move(ask_others));
        case config::ResolverKind::None:
        case config::ResolverKind::Memory:
            break;
    }
    return std::make_unique<MemoryResolver>(options.preload);
}

}  // namespace

OperatorMode::OperatorMode(Parts const& parts, config::Options const& options,
                           TokenAccounts::Listeners listeners)
    : parts_(parts),
      time_zones_(parts.world.disk()),
      accounts_(parts.world, parts.log, parts.accounts, std::move(listeners)) {
    install(options);
    system_account_ = options.system_account.empty() ? accounts_.trust().system_account()
                                                     : options.system_account;
    if (!system_account_.empty()) {
        parts_.accounts.put({.name = system_account_});
    }
}

OperatorMode::~OperatorMode() {
    *alive_ = false;
    for (auto& [inbox, question] : questions_) {
        parts_.world.timers().cancel(question.timer);
    }
}

void OperatorMode::install(config::Options const& options) {
    Result<OperatorTrust> trust =
        OperatorTrust::create(options.operators, parts_.world.clock().wall_now());
    options_ = options.operators;
    // Checked before, but a moment ago: an operator may have expired since, and then trusts nobody.
    OperatorTrust const kept = trust.ok() ? std::move(trust).value() : OperatorTrust();
    auto resolver = make_resolver(parts_.world, options_, kept,
                                  [this](std::string const& key, AccountResolver::OnFetched done) {
                                      ask_others(key, std::move(done));
                                  });
    accounts_.use(kept, std::move(resolver));
}

void OperatorMode::start(OnDone done) {
    accounts_.resolver().start([this, alive = alive_, done = std::move(done)](Result<void> ready) {
        if (!*alive) {
            return;
        }
        if (!ready.ok() || system_account_.empty()) {
            if (ready.ok()) {
                LOG(parts_.log, Warning, "Trusted Operators should utilize a System Account");
            }
            done(std::move(ready));
            return;
        }
        accounts_.find(system_account_, [this, alive,
                                         done](Result<TokenAccounts::ClaimsPtr> const& found) {
            if (!*alive) {
                return;
            }
            bool const may_come_later = accounts_.resolver().keeps_on_disk();
            if (found.ok() || may_come_later) {
                if (!found.ok()) {
                    LOG(parts_.log, Warning,
                        "the JWT of the system account is not there yet: ", found.error().detail());
                }
                done({});
                return;
            }
            done(Error(Errc::Unavailable,
                       concat("error resolving system account: ", found.error().detail())));
        });
    });
}

void OperatorMode::use(config::Options const& options) {
    if (options.operators == options_) {
        return;
    }
    install(options);
    accounts_.resolver().start([this, alive = alive_](Result<void> const& ready) {
        if (!*alive) {
            return;
        }
        if (!ready.ok()) {
            LOG(parts_.log, Error, "account resolver: ", ready.error().detail());
            return;
        }
        accounts_.refresh();
    });
}

/// The server's own client in the system account, which is there since the beginning.
dispatch::InternalClient& OperatorMode::client() {
    if (!client_) {
        account::Account* const system = parts_.accounts.find(system_account_);
        CHECK(system != nullptr);
        client_ = std::make_unique<dispatch::InternalClient>(parts_.world.turn(), parts_.dispatcher,
                                                             *system);
        inbox_ = concat("$SYS._INBOX.LOOKUP.", parts_.world.entropy().fork("lookup")->next(), ".");
        client_->subscribe(inbox_ + "*", {},
                           [this](dispatch::ReceivedMessage const& message) { answered(message); });
    }
    return *client_;
}

void OperatorMode::ask_others(std::string const& key, AccountResolver::OnFetched done) {
    if (system_account_.empty()) {
        done(Error(Errc::NotFound, "there is no such account, and no system account to ask in"));
        return;
    }
    dispatch::InternalClient& asking = client();
    std::string const inbox = concat(inbox_, next_question_++);
    Question& question = questions_[inbox];
    question.done = std::move(done);
    question.timer = parts_.world.timers().call_at(
        parts_.world.clock().now() + options_.resolver.timeout, [this, inbox] {
            finish(inbox, Error(Errc::TimedOut, "no other server knows the account in time"));
        });
    asking.publish({.subject = concat("$SYS.REQ.ACCOUNT.", key, ".CLAIMS.LOOKUP"), .reply = inbox},
                   [this, inbox](std::uint64_t deliveries) {
                       auto const found = questions_.find(inbox);
                       if (found == questions_.end()) {
                           return;
                       }
                       found->second.asked = deliveries;
                       if (found->second.empty >= deliveries) {
                           finish(inbox, Error(Errc::NotFound, "there is no such account"));
                       }
                   });
}

void OperatorMode::answered(dispatch::ReceivedMessage const& message) {
    auto const found = questions_.find(message.subject);
    if (found == questions_.end()) {
        return;
    }
    if (!message.payload.empty()) {
        finish(message.subject, message.payload);
        return;
    }
    Question& question = found->second;
    ++question.empty;
    if (question.asked > 0 && question.empty >= question.asked) {
        finish(message.subject, Error(Errc::NotFound, "there is no such account"));
    }
}

void OperatorMode::finish(std::string const& inbox, Result<std::string> const& jwt) {
    auto const found = questions_.find(inbox);
    if (found == questions_.end()) {
        return;
    }
    Question const question = std::move(found->second);
    questions_.erase(found);
    parts_.world.timers().cancel(question.timer);
    question.done(jwt);
}

}  // namespace signalbox::auth
