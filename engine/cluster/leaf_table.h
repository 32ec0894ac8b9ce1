#pragma once

#include "engine/cluster/leaf_connection.h"
#include "engine/cluster/leaf_context.h"
#include "engine/cluster/leaf_remote.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

/// How long after a loop was found its way is dialled again.
inline constexpr Duration kLoopPause = base::seconds(30);

/// The leaf nodes that are attached to a server, and the hubs that it is attached to.
class LeafTable final : public account::InterestListener {
public:
    struct Hooks {
        /// A leaf node was attached, or is gone.
        std::function<void(LeafConnection const&)> opened;
        std::function<void(LeafConnection const&, connection::CloseReason)> closed;
        /// Where the other servers of the cluster take leaf nodes in.
        std::function<std::vector<std::string>()> other_urls;
    };

    /// `context` outlives it.
    LeafTable(LeafContext& context, Hooks hooks);
    ~LeafTable() override;

    LeafTable(LeafTable const&) = delete;
    LeafTable& operator=(LeafTable const&) = delete;

    /// Makes what is dialled of the configuration. Errors: InvalidArgument (TLS of one of them).
    Result<void> prepare();
    /// Leaf nodes are taken in at this address; port 0: nowhere.
    void listens_at(world::Address const& address) { address_ = address; }
    /// Begins to dial.
    void start();
    void stop();

    /// A link of someone who is to be a leaf node.
    void accept(std::unique_ptr<world::Link> link);

    /// The options of the context are new; `old` are those of before. Errors: as of `prepare`.
    Result<void> settings_changed(config::LeafOptions const& old);
    /// The users changed, or the accounts.
    void authenticate_again();
    void accounts_changed();
    void say_info_again();

    /// False: none of that number.
    bool close(std::uint64_t cid, connection::CloseReason reason);

    template <class Visit>
    void for_each(Visit visit) const {
        for (auto const& [cid, connection] : connections_) {
            visit(*connection);
        }
    }
    /// Those that are open.
    std::size_t open_count() const;
    world::Address const& address() const { return address_; }

    // For its connections.

    /// As INFO tells it.
    std::string advertised() const;
    std::vector<std::string> urls() const;
    /// What is listened to in the account only to be heard of again: a server that is told of it is
    /// attached to itself. Made when first asked for.
    std::string const& loop_subject(account::Account& account);
    /// A server that comes again is the same: the connection of before closes.
    void replace_duplicates(LeafConnection const& by, account::Account const& account);
    void opened(LeafConnection& connection);
    void closed(LeafConnection& connection, connection::CloseReason reason, bool was_open);

    // account::InterestListener
    void added(account::Account& account, message::Subscription const& subscription) override;
    void removing(account::Account& account, message::Subscription const& subscription) override;
    void reweighed(account::Account& account, message::Subscription const& subscription,
                   std::uint32_t weight) override;

private:
    /// Takes nothing: nobody publishes on the subject.
    class LoopMark;

    Result<std::unique_ptr<LeafRemote>> make_remote(config::LeafRemoteOptions options);
    void add(std::unique_ptr<world::Link> link, std::optional<LeafWay> way);
    template <class Change>
    void tell_all(account::Account const& account, Change change);

    LeafContext& context_;
    Hooks hooks_;
    world::Address address_;
    std::map<std::uint64_t, std::unique_ptr<LeafConnection>> connections_;  ///< By number.
    std::map<std::uint32_t, std::vector<LeafConnection*>> by_account_;  ///< Open ones, by index.
    std::map<std::uint32_t, std::unique_ptr<LoopMark>> marks_;          ///< By account index.
    std::vector<std::unique_ptr<LeafRemote>> remotes_;
    std::vector<std::unique_ptr<LeafRemote>> retired_;  ///< Until their connections are gone.
    bool started_ = false;
    bool stopping_ = false;
};

}  // namespace signalbox::cluster
