#include "engine/cluster/leaf_table.h"

#include "engine/base/text.h"
#include "engine/config/address.h"

#include <algorithm>
#include <utility>

namespace signalbox::cluster {

using connection::CloseReason;
using message::Subscription;

namespace {

constexpr std::size_t kMarkLength = 22;
constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string make_mark(world::Entropy& entropy) {
    std::string mark(kLoopPrefix);
    for (std::size_t i = 0; i < kMarkLength; ++i) {
        mark += kLetters[entropy.below(kLetters.size())];
    }
    return mark;
}

}  // namespace

class LeafTable::LoopMark final : public message::Recipient {
public:
    LoopMark(dispatch::Dispatcher& dispatcher, account::Account& account, std::string subject)
        : dispatcher_(dispatcher),
          account_(account),
          subject_(std::move(subject)),
          subscription_(
              dispatcher.subscribe(account, {.recipient = this, .filter = subject_, .sid = "1"})) {}
    ~LoopMark() override { dispatcher_.unsubscribe(account_, subscription_); }

    std::string const& subject() const { return subject_; }
    account::Account const& account() const { return account_; }

    message::Delivery deliver(Subscription&, message::MessageRun const&) override { return {}; }
    std::uint64_t connection_id() const override { return 0; }
    void finish(Subscription&) override {}

private:
    dispatch::Dispatcher& dispatcher_;
    account::Account& account_;
    std::string subject_;
    Subscription& subscription_;
};

LeafTable::LeafTable(LeafContext& context, Hooks hooks)
    : context_(context), hooks_(std::move(hooks)) {
    context_.clients.accounts.listen(*this);
}

LeafTable::~LeafTable() {
    // Whoever goes takes subscriptions with it, of which nobody is to be told any more.
    context_.clients.accounts.stop_listening(*this);
    by_account_.clear();
    connections_.clear();
    marks_.clear();
}

Result<std::unique_ptr<LeafRemote>> LeafTable::make_remote(config::LeafRemoteOptions options) {
    return LeafRemote::create(context_, std::move(options),
                              [this](std::unique_ptr<world::Link> link, LeafWay way) {
                                  add(std::move(link), std::move(way));
                              });
}

Result<void> LeafTable::prepare() {
    for (config::LeafRemoteOptions const& options : context_.leaf().remotes) {
        remotes_.push_back(TRY(make_remote(options)));
    }
    return {};
}

void LeafTable::start() {
    started_ = true;
    for (auto const& remote : remotes_) {
        remote->start();
    }
}

void LeafTable::stop() {
    stopping_ = true;
    for (auto const& remote : remotes_) {
        remote->stop();
    }
    for (auto const& [cid, connection] : connections_) {
        connection->close(CloseReason::ServerShutdown);
    }
}

void LeafTable::accept(std::unique_ptr<world::Link> link) {
    if (!stopping_) {
        add(std::move(link), std::nullopt);
    }
}

void LeafTable::add(std::unique_ptr<world::Link> link, std::optional<LeafWay> way) {
    std::uint64_t const cid = context_.next_number();
    auto connection =
        std::make_unique<LeafConnection>(context_, *this, std::move(link), cid, std::move(way));
    LeafConnection& kept = *connection;
    connections_.emplace(cid, std::move(connection));
    kept.start();
}

std::size_t LeafTable::open_count() const {
    std::size_t count = 0;
    for (auto const& [index, connections] : by_account_) {
        count += connections.size();
    }
    return count;
}

std::string LeafTable::advertised() const {
    std::string const& told = context_.leaf().advertise;
    if (told.empty()) {
        return concat(address_.host, ":", address_.port);
    }
    return config::parse_address(told).ok() ? told : concat(told, ":", address_.port);
}

std::vector<std::string> LeafTable::urls() const {
    std::vector<std::string> urls;
    if (address_.port != 0) {
        urls.push_back(advertised());
    }
    if (!context_.leaf().no_advertise && hooks_.other_urls) {
        for (std::string& url : hooks_.other_urls()) {
            if (std::ranges::find(urls, url) == urls.end()) {
                urls.push_back(std::move(url));
            }
        }
    }
    return urls;
}

std::string const& LeafTable::loop_subject(account::Account& account) {
    std::unique_ptr<LoopMark>& mark = marks_[account.index()];
    if (!mark) {
        mark = std::make_unique<LoopMark>(context_.clients.dispatcher, account,
                                          make_mark(context_.world().entropy()));
    }
    return mark->subject();
}

void LeafTable::replace_duplicates(LeafConnection const& by, account::Account const& account) {
    auto const found = by_account_.find(account.index());
    if (found == by_account_.end()) {
        return;
    }
    for (LeafConnection* const each : found->second) {
        bool const same = each->remote_name() == by.remote_name() &&
                          each->remote_cluster() == by.remote_cluster() &&
                          each->remote_account() == by.remote_account();
        if (each->way() == nullptr && same) {
            by.peer().note(LogLevel::Warning, "Replacing connection from same server");
            each->close(CloseReason::DuplicateRemoteLeafNode,
                        "Duplicate Remote LeafNode Connection");
        }
    }
}

void LeafTable::opened(LeafConnection& connection) {
    loop_subject(*connection.account());
    by_account_[connection.account()->index()].push_back(&connection);
    if (hooks_.opened) {
        hooks_.opened(connection);
    }
}

void LeafTable::closed(LeafConnection& connection, CloseReason reason, bool was_open) {
    if (was_open) {
        std::erase(by_account_[connection.account()->index()], &connection);
        if (hooks_.closed) {
            hooks_.closed(connection, reason);
        }
    }
    LeafRemote* const remote = connection.way() == nullptr ? nullptr : connection.way()->remote;
    connections_.erase(connection.cid());
    if (remote == nullptr) {
        return;
    }
    if (remote->is_stopped()) {
        std::erase_if(retired_, [&](auto const& each) { return each.get() == remote; });
    } else {
        remote->lost();
    }
}

template <class Change>
void LeafTable::tell_all(account::Account const& account, Change change) {
    auto const found = by_account_.find(account.index());
    if (found == by_account_.end()) {
        return;
    }
    for (LeafConnection* const connection : found->second) {
        if (LeafInterest* const interest = connection->interest()) {
            change(*interest);
        }
    }
}

void LeafTable::added(account::Account& account, Subscription const& subscription) {
    tell_all(account, [&](LeafInterest& interest) { interest.added(subscription); });
}

void LeafTable::removing(account::Account& account, Subscription const& subscription) {
    tell_all(account, [&](LeafInterest& interest) { interest.removing(subscription); });
}

void LeafTable::reweighed(account::Account& account, Subscription const& subscription,
                          std::uint32_t weight) {
    tell_all(account, [&](LeafInterest& interest) { interest.reweighed(subscription, weight); });
}

Result<void> LeafTable::settings_changed(config::LeafOptions const& old) {
    std::vector<config::LeafRemoteOptions> const& wanted = context_.leaf().remotes;
    std::vector<std::unique_ptr<LeafRemote>> before = std::exchange(remotes_, {});
    std::vector<LeafRemote*> fresh;
    for (config::LeafRemoteOptions const& options : wanted) {
        auto const same = std::ranges::find_if(
            before, [&](auto const& each) { return each && each->options() == options; });
        if (same != before.end()) {
            remotes_.push_back(std::move(*same));
            continue;
        }
        auto made = make_remote(options);
        if (!made.ok()) {
            return made.error();
        }
        fresh.push_back(made.value().get());
        remotes_.push_back(std::move(made).value());
    }
    for (auto& gone : before) {
        if (!gone) {
            continue;
        }
        gone->stop();
        bool connected = false;
        for (auto const& [cid, connection] : connections_) {
            if (connection->way() != nullptr && connection->way()->remote == gone.get()) {
                connected = true;
                connection->close(CloseReason::ClientClosed);
            }
        }
        if (connected) {
            retired_.push_back(std::move(gone));
        }
    }
    for (LeafRemote* const remote : fresh) {
        if (started_ && !stopping_) {
            remote->start();
        }
    }
    if (!(old == context_.leaf())) {
        for_each([](LeafConnection& connection) { connection.settings_changed(); });
    }
    return {};
}

void LeafTable::authenticate_again() {
    for_each([](LeafConnection& connection) { connection.authenticate_again(); });
}

/// Accounts that are gone take their leaf nodes with them; those that rename subjects now are heard
/// of anew.
void LeafTable::accounts_changed() {
    for_each([](LeafConnection& connection) {
        if (connection.account() == nullptr || !connection.is_open()) {
            return;
        }
        if (connection.account()->is_retired()) {
            connection.close(CloseReason::MissingAccount);
        } else {
            connection.interest()->mappings_changed(*connection.account());
        }
    });
    std::erase_if(marks_, [](auto const& each) { return each.second->account().is_retired(); });
}

void LeafTable::say_info_again() {
    for_each([](LeafConnection& connection) { connection.say_info_again(); });
}

bool LeafTable::close(std::uint64_t cid, CloseReason reason) {
    auto const found = connections_.find(cid);
    if (found == connections_.end()) {
        return false;
    }
    found->second->close(reason);
    return true;
}

}  // namespace signalbox::cluster
