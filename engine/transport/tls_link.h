#pragma once

#include "engine/base/result.h"
#include "engine/tls/session.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::transport {

/// A link through which another is seen as if nobody encrypted it. The steps of the handshake are
/// done by the world's workers; until it is done nothing is sent or received.
class TlsLink : public world::Link, private world::LinkOwner {
public:
    /// Is told once how the handshake ended, before the owner hears anything, and may destroy the
    /// link. Errors: Closed (the peer went, and the detail is `EOF`), PermissionDenied (all else).
    using OnSecured = std::function<void(Result<std::shared_ptr<tls::PeerIdentity const>>)>;

    /// What went over the link before, in the plain.
    struct Before {
        std::string received;  ///< Of the peer's part of the handshake.
        std::string unsent;    ///< Plain bytes that go first.
    };

    /// `link` was started for another owner, or for none yet. Without `secured` the owner hears of
    /// a handshake that failed as of any other end.
    TlsLink(World& world, std::unique_ptr<world::Link> link, std::unique_ptr<tls::Session> session,
            Before before = {}, OnSecured secured = {});
    /// Says that nothing more follows, if that can be sent at once.
    ~TlsLink() override;

    TlsLink(TlsLink const&) = delete;
    TlsLink& operator=(TlsLink const&) = delete;

    void start(world::LinkOwner& owner) override;
    /// What was not taken must be offered again, in the same order, or never anything more: some of
    /// it may be encrypted already.
    std::size_t send(std::span<Bytes const> pieces) override;
    void pause_reading() override;
    void resume_reading() override;
    world::Address const& local() const override { return link_->local(); }
    world::Address const& remote() const override { return link_->remote(); }

private:
    enum class Phase {
        Handshake,
        Open,
        PeerDone,  ///< It sends no more, but may still read.
        Ended,     ///< The owner knows; nothing is taken or given any more.
    };

    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    void advance();
    void advanced(tls::Session::Progress progress);
    void try_again();
    void secured();
    bool may_send() const { return phase_ == Phase::Open || phase_ == Phase::PeerDone; }
    void take_waiting();
    void fail(Errc code, std::string const& detail);
    void end(world::LinkEnd why, std::string_view detail);
    void read();
    void read_later();
    bool send_encrypted();
    std::size_t encrypt(std::span<Bytes const> pieces, std::size_t skipped);

    World& world_;
    std::unique_ptr<world::Link> link_;
    /// Shared with the job that works on it, and then not touched here.
    std::shared_ptr<tls::Session> session_;
    world::LinkOwner* owner_ = nullptr;
    OnSecured secured_;
    std::string waiting_;    ///< Received while a worker has the session.
    std::size_t sent_ = 0;   ///< Of what the session has to send.
    std::size_t ahead_ = 0;  ///< Encrypted and not all sent yet: not counted as taken.
    world::TimerId retry_;   ///< The workers had too much to do.
    Phase phase_ = Phase::Handshake;
    bool working_ = false;  ///< A worker has the session.
    bool held_ = false;     ///< Nothing is read until the worker is back.
    bool owes_writable_ = false;
    bool paused_ = false;
    bool has_more_ = false;  ///< Something may be read without more bytes of the peer.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::transport
