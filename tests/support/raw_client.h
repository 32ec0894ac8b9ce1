#pragma once

#include "engine/world/world.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::support {

/// One end of a link that knows no protocol: keeps what came, sends what it is told.
class RawPeer : private world::LinkOwner {
public:
    RawPeer() = default;
    explicit RawPeer(std::unique_ptr<world::Link> link) { take(std::move(link)); }

    RawPeer(RawPeer const&) = delete;
    RawPeer& operator=(RawPeer const&) = delete;

    void take(std::unique_ptr<world::Link> link) {
        link_ = std::move(link);
        link_->start(*this);
    }

    /// Sent at once as far as there is room, the rest as there is.
    void send(std::string_view bytes) {
        waiting_.append(bytes);
        send_waiting();
    }

    void pause() { link_->pause_reading(); }
    void resume() { link_->resume_reading(); }
    void close() { link_.reset(); }

    /// All that came and was not taken yet.
    std::string const& bytes() const { return bytes_; }
    std::string take_bytes() { return std::exchange(bytes_, {}); }
    bool is_open() const { return link_ && !end_; }
    std::optional<world::LinkEnd> end() const { return end_; }
    std::size_t unsent() const { return waiting_.size(); }

private:
    void received(Bytes bytes) override { bytes_.append(bytes); }
    void writable() override {
        blocked_ = false;
        send_waiting();
    }
    void ended(world::LinkEnd why, std::string_view) override { end_ = why; }

    void send_waiting() {
        if (!link_ || blocked_ || waiting_.empty()) {
            return;
        }
        std::array<Bytes, 1> const pieces = {Bytes(waiting_)};
        std::size_t const taken = link_->send(pieces);
        blocked_ = taken < waiting_.size();
        waiting_.erase(0, taken);
    }

    std::unique_ptr<world::Link> link_;
    std::string bytes_;
    std::string waiting_;
    bool blocked_ = false;
    std::optional<world::LinkEnd> end_;
};

/// A raw peer that dials; the attempt ends with it.
class RawClient : public RawPeer {
public:
    void connect(World& world, std::string const& host, std::uint16_t port) {
        dial_ = world.network().dial(host, port, base::seconds(5),
                                     [this](Result<std::unique_ptr<world::Link>> link) {
                                         if (link.ok()) {
                                             take(std::move(link).value());
                                         } else {
                                             error_ = link.error();
                                         }
                                     });
    }

    std::optional<Error> const& error() const { return error_; }

private:
    std::unique_ptr<world::Dial> dial_;
    std::optional<Error> error_;
};

}  // namespace signalbox::support
