#include "tests/transcript/sim_stage.h"

#include "engine/base/text.h"
#include "engine/config/load.h"

namespace signalbox::transcript {

namespace {

/// The one file there is.
class OneFile final : public config::FileReader {
public:
    explicit OneFile(std::string text) : text_(std::move(text)) {}
    Result<std::string> read(std::string const&) override { return text_; }

private:
    std::string text_;
};

}  // namespace

SimStage::SimStage(std::string const& config, sim::LinkProfile const& profile) {
    universe_.exchange().add_machine("box", "10.0.0.1");
    universe_.fabric().set_profile("box", "box", profile);
    OneFile file(concat("listen: \"127.0.0.1:4222\"\n", config));
    Result<config::Loaded> const loaded =
        config::load(config::CommandLine::for_file("test.conf"), file, {});
    if (!loaded.ok()) {
        failure_ = loaded.error().detail();
        return;
    }
    server_ = std::make_unique<sim::SimServer>(universe_, log_, "box", loaded.value().options);
    clients_ = std::make_unique<sim::SimWorld>(universe_.simulation(), universe_.exchange(), "box");
    server_->start();
    if (!universe_.simulation().run_until([this] { return server_->ready(); }, base::seconds(5))) {
        failure_ = concat("not ready: ", server_->failure());
    }
}

void SimStage::open(std::string const& client) {
    auto& socket = sockets_[client];
    socket = std::make_unique<support::RawClient>();
    clients_->run([&] { socket->connect(*clients_, "127.0.0.1", 4222); });
    universe_.simulation().run_until([&] { return socket->is_open() || socket->error(); },
                                     base::seconds(5));
}

void SimStage::close(std::string const& client) {
    clients_->run([&] { sockets_[client]->close(); });
}

void SimStage::send(std::string const& client, std::string_view bytes) {
    clients_->run([&] { sockets_[client]->send(bytes); });
    universe_.simulation().run_until([&] { return sockets_[client]->unsent() == 0; },
                                     base::seconds(1));
    pass(base::milliseconds(1));
}

void SimStage::receive(std::string const& client, std::string& bytes, Duration limit) {
    support::RawClient& socket = *sockets_[client];
    universe_.simulation().run_until(
        [&] { return !socket.bytes().empty() || socket.end().has_value(); }, limit);
    bytes.append(socket.take_bytes());
}

bool SimStage::closed(std::string const& client) {
    return !sockets_[client]->is_open();
}

}  // namespace signalbox::transcript
