#include "engine/server/system_side.h"

#include <utility>

namespace signalbox::server {
namespace {

using connection::ClientConnection;

/// A reload is under way for those who asked first; more than so many do not wait for it.
constexpr std::size_t kMostWaiting = 64;

}  // namespace

void SystemSide::start(auth::OperatorMode* operators) {
    if (state_.options().no_system_account) {
        return;
    }
    account_ =
        std::make_unique<system::SystemAccount>(system::SystemParts{.world = state_.world(),
                                                                    .dispatcher = dispatcher_,
                                                                    .accounts = state_.accounts(),
                                                                    .source = monitored_,
                                                                    .control = *this,
                                                                    .operators = operators});
    account_->start();
}

void SystemSide::say(event::Event event) {
    if (account_) {
        account_->say(std::move(event));
    }
}

void SystemSide::accounts_changed() {
    if (account_) {
        account_->accounts_changed();
    }
}

monitor::SystemFacts SystemSide::facts() const {
    return account_ ? account_->facts() : monitor::SystemFacts{};
}

void SystemSide::reload(std::function<void(Result<void>)> done) {
    if (!reload_hook_ || waiting_for_reload_.size() >= kMostWaiting) {
        done(Error(Errc::Unavailable,
                   "can only reload config when a file is provided using -c or --config"));
        return;
    }
    waiting_for_reload_.push_back(std::move(done));
    if (waiting_for_reload_.size() == 1) {
        reload_hook_();
    }
}

void SystemSide::reloaded(Result<void> const& result) {
    for (auto const& done : std::exchange(waiting_for_reload_, {})) {
        done(result);
    }
}

Result<void> SystemSide::kick(std::uint64_t cid) {
    if (!state_.disconnect(cid)) {
        return Error(Errc::NotFound, "no such client or leafnode id");
    }
    return {};
}

Result<void> SystemSide::warn_of_shutdown(std::uint64_t cid) {
    ClientConnection* const connection = state_.connections().find(cid);
    if (connection == nullptr) {
        return Error(Errc::NotFound, "no such client id");
    }
    if (!connection->warn_of_shutdown()) {
        return Error(Errc::Unavailable,
                     "client does not support Lame Duck Mode or is not ready to receive the "
                     "notification");
    }
    return {};
}

std::optional<system::UserFacts> SystemSide::user_of(std::uint64_t cid) const {
    ClientConnection const* const connection = state_.connections().find(cid);
    if (connection == nullptr) {
        return std::nullopt;
    }
    auth::Identity const& who = connection->identity();
    return system::UserFacts{.user = who.user,
                             .account = connection->account().name(),
                             .account_name = who.token.name_tag.empty()
                                                 ? connection->account().name()
                                                 : who.token.name_tag,
                             .user_name = who.token.user_name,
                             .permissions = who.permissions,
                             .expires = who.expires};
}

}  // namespace signalbox::server
