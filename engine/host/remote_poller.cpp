#include "engine/host/remote_poller.h"

#include "engine/base/mutex.h"
#include "engine/base/spsc_ring.h"
#include "engine/base/triple_buffer.h"
#include "engine/host/mailbox.h"
#include "engine/native/native_world.h"

#include <thread>
#include <utility>

namespace signalbox::host {

namespace {

constexpr std::size_t kEventRows = 4'096;

template <class Row>
std::size_t drain(base::SpscRing<Row>& ring, std::size_t limit,
                  std::function<void(Row const&)> const& visit) {
    std::size_t taken = 0;
    for (; taken < limit; ++taken) {
        Row* const row = ring.front();
        if (row == nullptr) {
            break;
        }
        visit(*row);
        ring.pop();
    }
    return taken;
}

}  // namespace

class RemotePoller::Impl {
public:
    explicit Impl(RemoteOptions options) : world_("signalbox remote") {
        world_.loop().post([this, options = std::move(options)]() mutable {
            core_ = std::make_unique<RemoteCore>(world_, std::move(options), sink());
            core_->start();
        });
        thread_ = std::thread([this] {
            native::name_this_thread("remote");
            world_.loop().run();
        });
    }

    ~Impl() {
        world_.loop().post([this] {
            core_.reset();
            world_.loop().stop();
        });
        thread_.join();
    }

    /// On the poller's thread, in order.
    void run(std::function<void(RemoteCore&)> act) {
        world_.loop().post([this, act = std::move(act)] {
            if (core_) {
                act(*core_);
            }
        });
    }

    Token post(Command command) {
        Token const token = ++last_token_;
        run([token, command = std::move(command)](RemoteCore& core) { core.run(token, command); });
        return token;
    }

    std::optional<RemoteNews> take_news() {
        base::MutexLock const lock(mutex_);
        return std::exchange(news_, std::nullopt);
    }

    std::shared_ptr<observe::Observation> observation() {
        base::MutexLock const lock(mutex_);
        return observation_;
    }

    Mailbox& outcomes() { return outcomes_; }
    base::SpscRing<observe::EventRow>& events() { return events_; }
    observe::SnapshotPtr const& latest() { return snapshots_.latest(); }

private:
    RemoteSink sink() {
        return {.snapshot = [this](observe::SnapshotPtr one) { snapshots_.put(std::move(one)); },
                .event = [this](observe::EventRow row) { events_.push(std::move(row)); },
                .news =
                    [this](RemoteNews const& news) {
                        base::MutexLock const lock(mutex_);
                        news_ = news;
                    },
                .outcome = [this](Outcome outcome) { outcomes_.put(std::move(outcome)); },
                .observation =
                    [this](std::shared_ptr<observe::Observation> one) {
                        base::MutexLock const lock(mutex_);
                        observation_ = std::move(one);
                    }};
    }

    native::NativeWorld world_;
    std::unique_ptr<RemoteCore> core_;  ///< Belongs to the thread.
    base::TripleBuffer<observe::SnapshotPtr> snapshots_;
    base::SpscRing<observe::EventRow> events_{kEventRows};
    Mailbox outcomes_;
    base::Mutex mutex_;
    std::optional<RemoteNews> news_ GUARDED_BY(mutex_);
    std::shared_ptr<observe::Observation> observation_ GUARDED_BY(mutex_);
    Token last_token_ = 0;
    std::thread thread_;
};

RemotePoller::RemotePoller(RemoteOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

RemotePoller::~RemotePoller() = default;

void RemotePoller::set_watched(bool watched) {
    impl_->run([watched](RemoteCore& core) { core.set_watched(watched); });
}

void RemotePoller::set_tree_query(std::optional<observe::TreeQuery> query) {
    impl_->run([query = std::move(query)](RemoteCore& core) { core.set_tree_query(query); });
}

void RemotePoller::set_sampling(std::optional<SamplingOrder> order) {
    impl_->run([order = std::move(order)](RemoteCore& core) { core.set_sampling(order); });
}

void RemotePoller::set_topology(bool wanted) {
    impl_->run([wanted](RemoteCore& core) { core.set_topology(wanted); });
}

Token RemotePoller::post(Command command) {
    return impl_->post(std::move(command));
}

std::vector<Outcome> RemotePoller::take_outcomes() {
    return impl_->outcomes().take_all();
}

std::optional<RemoteNews> RemotePoller::take_news() {
    return impl_->take_news();
}

observe::SnapshotPtr const& RemotePoller::latest() {
    return impl_->latest();
}

std::size_t RemotePoller::drain_tap(std::size_t limit,
                                    std::function<void(observe::TapRow const&)> const& visit) {
    std::shared_ptr<observe::Observation> const observation = impl_->observation();
    return observation == nullptr ? 0 : drain(*observation->tap_rows(), limit, visit);
}

std::size_t RemotePoller::drain_events(std::size_t limit,
                                       std::function<void(observe::EventRow const&)> const& visit) {
    return drain(impl_->events(), limit, visit);
}

}  // namespace signalbox::host
