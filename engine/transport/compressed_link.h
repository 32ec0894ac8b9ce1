#pragma once

#include "engine/compress/s2_stream.h"
#include "engine/world/link.h"

#include <memory>
#include <span>
#include <string>

namespace signalbox::transport {

/// A link through which another is seen as if nobody compressed it. What is sent in one call leaves
/// as one S2 stream.
class CompressedLink : public world::Link, private world::LinkOwner {
public:
    /// What went over the link before, in the plain.
    struct Before {
        std::string received;  ///< Of the peer's first stream.
        std::string unsent;    ///< Plain bytes that go first.
    };

    /// `link` was started for another owner. `budget`: see `compress::S2Reader`.
    CompressedLink(std::unique_ptr<world::Link> link, compress::S2Level level, std::size_t budget,
                   Before before);

    CompressedLink(CompressedLink const&) = delete;
    CompressedLink& operator=(CompressedLink const&) = delete;
    ~CompressedLink() override;

    /// Of what is sent from now on.
    void set_level(compress::S2Level level) { level_ = level; }
    void allow(std::size_t budget) { reader_.allow(budget); }

    /// What was received before is not handed over until `read_waiting`.
    void start(world::LinkOwner& owner) override;
    void read_waiting() { read(); }
    std::size_t send(std::span<Bytes const> pieces) override;
    void pause_reading() override { link_->pause_reading(); }
    void resume_reading() override { link_->resume_reading(); }
    world::Address const& local() const override { return link_->local(); }
    world::Address const& remote() const override { return link_->remote(); }

private:
    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    void read();
    void send_waiting();

    std::unique_ptr<world::Link> link_;
    compress::S2Level level_;
    compress::S2Reader reader_;
    world::LinkOwner* owner_ = nullptr;
    std::string plain_;     ///< Reused.
    std::string waiting_;   ///< Not sent yet.
    std::size_t sent_ = 0;  ///< Of `waiting_`.
    bool blocked_ = false;  ///< The link took less than it was given.
    bool owes_writable_ = false;
    bool over_ = false;
    bool* destroyed_ = nullptr;  ///< Set while an owner may destroy this.
};

}  // namespace signalbox::transport
