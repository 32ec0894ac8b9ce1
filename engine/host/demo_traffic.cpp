#include "engine/client/workload.h"
#include "engine/host/engine.h"
#include "engine/native/native_world.h"

#include <memory>
#include <thread>
#include <utility>

namespace signalbox::host {

class DemoTraffic::Impl {
public:
    Impl(std::string host, std::uint16_t port) : world_("demo traffic") {
        world_.loop().post([this, server = client::ServerAddress{std::move(host), port}] {
            workload_ = std::make_unique<client::Workload>(world_, server);
            workload_->start();
        });
        thread_ = std::thread([this] { world_.loop().run(); });
    }

    ~Impl() {
        world_.loop().post([this] {
            workload_.reset();
            world_.loop().stop();
        });
        thread_.join();
    }

private:
    native::NativeWorld world_;
    std::unique_ptr<client::Workload> workload_;  ///< Belongs to the thread.
    std::thread thread_;
};

DemoTraffic::DemoTraffic(std::string host, std::uint16_t port)
    : impl_(std::make_unique<Impl>(std::move(host), port)) {}

DemoTraffic::~DemoTraffic() = default;

}  // namespace signalbox::host
