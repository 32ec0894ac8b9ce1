#pragma once

#include "engine/base/time.h"
#include "engine/transport/compressed_link.h"
#include "engine/transport/outbox.h"
#include "engine/transport/tls_link.h"
#include "engine/world/world.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace signalbox::transport {

class Transport;

/// Writes each link that has something to send once, at the end of the turn: what many messages of
/// one turn say to one connection leaves in one call.
class FlushQueue : public world::EndOfTurn {
public:
    explicit FlushQueue(world::Turn& turn) : turn_(&turn) { turn_->add(*this); }
    ~FlushQueue() override { turn_->remove(*this); }

    FlushQueue(FlushQueue const&) = delete;
    FlushQueue& operator=(FlushQueue const&) = delete;

    BlockPool& pool() { return pool_; }

    void end_of_turn() override { flush_all(); }

private:
    friend class Transport;

    void add(Transport& transport);
    void remove(Transport& transport);
    void staged(std::size_t bytes);
    void flush_all();

    /// More than this staged by one turn is written before its end, so that memory stays in the
    /// cache.
    static constexpr std::size_t kTurnLimit = 4 * 1024 * 1024;

    world::Turn* turn_;
    BlockPool pool_;
    std::vector<Transport*> dirty_;
    std::size_t staged_ = 0;
};

/// Learns what happens on a transport; may destroy it from any of these.
class TransportOwner {
public:
    virtual ~TransportOwner() = default;

    /// Where the next bytes should be received; see `world::LinkOwner`.
    virtual std::span<char> receive_space() { return {}; }

    virtual void received(Bytes bytes) = 0;

    /// All that was appended is on its way. Not called for every flush, only after one that could
    /// not write everything.
    virtual void drained() {}

    /// Something was written; `pending` is what is left. Must not destroy the transport.
    virtual void flushed() {}

    /// The peer has not taken what was given within the write deadline.
    virtual void deadline_passed() = 0;

    virtual void ended(world::LinkEnd why, std::string_view detail) = 0;
};

/// The way to one peer: a link and, in front of it, what is still to be sent. Layers that change
/// bytes on their way, such as TLS, have their place between the two; connections never see a link.
class Transport : private world::LinkOwner {
public:
    Transport(World& world, FlushQueue& queue, std::unique_ptr<world::Link> link,
              TransportOwner& owner);
    ~Transport() override;

    Transport(Transport const&) = delete;
    Transport& operator=(Transport const&) = delete;

    void start() { link_->start(*this); }

    /// Puts TLS in front of the link: what is still to be sent leaves in the plain, and all later
    /// is encrypted. `received` is what came of the peer's handshake already. `done` is called once
    /// and may destroy this.
    void secure(std::unique_ptr<tls::Session> session, Bytes received, TlsLink::OnSecured done);

    /// Puts compression in front of the link: what is still to be sent leaves as it is, and all
    /// later is compressed. `received` is what came of the peer's first stream already; it is
    /// handed to the owner by `read_compressed`. `budget`: see `compress::S2Reader`.
    void compress(compress::S2Level level, std::size_t budget, Bytes received);
    /// Once there is compression. The owner may destroy this in the first one.
    void read_compressed() { compressed_->read_waiting(); }
    void set_compression(compress::S2Level level) { compressed_->set_level(level); }
    void allow_decompressed(std::size_t budget) { compressed_->allow(budget); }

    /// None: there is no deadline.
    void set_write_deadline(Duration deadline) { write_deadline_ = deadline; }

    void send(Bytes bytes) {
        outbox_.append(bytes);
        appended(bytes.size());
    }

    /// For writers that build in place; `appended` is called after each message.
    Outbox& outbox() { return outbox_; }

    /// Something of `bytes` was appended: it leaves at the end of the turn, or at once when much is
    /// waiting.
    void appended(std::size_t bytes) {
        if (!dirty_) {
            dirty_ = true;
            queue_->add(*this);
        }
        unflushed_ += bytes;
        queue_->staged(bytes);
        if (unflushed_ > kConnectionLimit) {
            flush();
        }
    }

    /// Writes now what can be written.
    void flush();

    /// What is not sent yet.
    std::size_t pending() const { return outbox_.pending(); }

    /// Drops what is not sent yet.
    void discard() { outbox_.clear(); }

    void pause_reading() { link_->pause_reading(); }
    void resume_reading() { link_->resume_reading(); }

    world::Address const& local() const { return link_->local(); }
    world::Address const& remote() const { return remote_ ? *remote_ : link_->remote(); }

    /// Who is behind the proxy at the other end.
    void set_remote(world::Address remote) { remote_ = std::move(remote); }

private:
    friend class FlushQueue;

    /// More than this for one connection is written before the turn ends.
    static constexpr std::size_t kConnectionLimit = 128 * 1024;

    std::span<char> receive_space() override { return owner_->receive_space(); }
    void received(Bytes bytes) override { owner_->received(bytes); }
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;
    void write();
    void blocked();
    std::string take_unsent();
    void check_deadline();

    World* world_;
    FlushQueue* queue_;
    TransportOwner* owner_;
    Outbox outbox_;
    std::unique_ptr<world::Link> link_;
    CompressedLink* compressed_ = nullptr;  ///< The one in front; null: none.
    std::optional<world::Address> remote_;  ///< Instead of the link's.
    Duration write_deadline_{0};
    std::size_t unflushed_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t due_ = 0;  ///< What `sent_` must reach before the deadline.
    world::TimerId deadline_timer_;
    bool dirty_ = false;
    bool blocked_ = false;
};

}  // namespace signalbox::transport
