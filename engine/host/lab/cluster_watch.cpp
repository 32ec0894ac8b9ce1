#include "engine/host/lab/cluster_watch.h"

#include "engine/base/mutex.h"
#include "engine/base/text.h"
#include "engine/base/triple_buffer.h"
#include "engine/host/lab/judge.h"
#include "engine/host/lab/load_clients.h"
#include "engine/host/topology_watch.h"
#include "engine/native/native_world.h"

#include <thread>
#include <utility>

namespace signalbox::host::lab {

namespace {

constexpr Duration kLook = base::milliseconds(200);
/// Outside of a scenario nobody asks for what is older.
constexpr Duration kKept = base::minutes(2);

}  // namespace

/// What lives on the watch's thread.
class ClusterWatch::Impl {
public:
    Impl(Plan const& plan, std::vector<LoadSpec> loads)
        : world_("signalbox lab"), plan_(plan), loads_(std::move(loads)) {
        world_.loop().post([this] { begin(); });
        thread_ = std::thread([this] {
            native::name_this_thread("lab");
            world_.loop().run();
        });
    }

    ~Impl() {
        world_.loop().post([this] {
            world_.timers().cancel(timer_);
            stop_loads();
            watch_.reset();
            world_.loop().stop();
        });
        thread_.join();
    }

    /// On the thread, in order.
    void run(std::function<void()> act) { world_.loop().post(std::move(act)); }

    void start_loads() {
        if (record_) {
            return;
        }
        record_ = std::make_unique<DeliveryRecord>(loads_);
        judge_ = std::make_unique<Judge>(
            world_, *record_,
            [this](TimelineEntry::Kind kind, std::string text) {
                say({kind, std::move(text)});
            },
            [this](Claim claim, std::string const& server) { return count_peers(claim, server); });
        Instant const now = world_.clock().now();
        for (PlannedClient& planned : plan_clients(plan_, loads_)) {
            LoadSpec const& load = loads_[planned.options.load];
            clients_.push_back(
                std::make_unique<LoadClient>(world_, load, std::move(planned.options), *record_,
                                             [](LoadClient const&, std::string const&) {}));
            LoadClient& client = *clients_.back();
            judge_->add(client);
            client.start();
            if (client.role() == LoadClient::Role::Publisher) {
                client.publish_from(now);
            }
        }
    }

    void stop_loads() {
        judge_.reset();
        clients_.clear();
        record_.reset();
        told_violations_ = 0;
    }

    void set_watched(bool watched) {
        if (watch_) {
            watch_->set_watched(watched);
        }
    }

    void expect(Expect const& expect, Duration since_begin, Duration until) {
        playing_ = true;
        if (judge_) {
            Instant const begin(world_.clock().now().since_origin() - since_begin);
            judge_->expect(expect, begin, begin + until);
        }
    }

    void disturbed(Duration longest) {
        if (judge_) {
            judge_->disturbed(longest);
        }
    }

    void finish() {
        playing_ = false;
        if (judge_) {
            judge_->finish();
        }
    }

    std::vector<Finding> take_findings() {
        base::MutexLock const lock(mutex_);
        return std::exchange(findings_, {});
    }

    base::TripleBuffer<observe::TopologyPtr>& topology() { return topology_; }
    base::TripleBuffer<LoadFiguresPtr>& figures() { return figures_; }

private:
    void begin() {
        watch_ = std::make_unique<TopologyWatch>(world_);
        for (std::uint32_t i = 0; i < plan_.servers().size(); ++i) {
            PlannedServer const& server = plan_.servers()[i];
            MonitoringUrl url;
            url.host = server.host;
            url.port = server.ports.monitoring;
            watch_->add(i, server.name, std::make_unique<MonitoringAsking>(world_, url, nullptr));
        }
        look();
    }

    void look() {
        latest_ = watch_->make();
        topology_.put(latest_);
        if (record_) {
            look_at_loads();
        } else {
            figures_.put(nullptr);
        }
        timer_ = world_.timers().call_at(world_.clock().now() + kLook, [this] { look(); });
    }

    void look_at_loads() {
        auto figures = std::make_shared<LoadFigures>();
        for (std::size_t load = 0; load < loads_.size(); ++load) {
            figures->loads.push_back({loads_[load].name, record_->totals(load)});
        }
        for (std::unique_ptr<LoadClient> const& client : clients_) {
            figures->clients.push_back(
                {client->name(), client->server(), client->role() == LoadClient::Role::Publisher});
        }
        std::vector<std::string> const& violations = record_->violations();
        for (; told_violations_ < violations.size(); ++told_violations_) {
            say({TimelineEntry::Kind::Broken, violations[told_violations_]});
        }
        figures->violations = violations.size();
        figures_.put(std::move(figures));
        if (!playing_) {
            record_->forget_before(Instant(world_.clock().now().since_origin() - kKept));
        }
    }

    std::optional<std::uint32_t> count_peers(Claim claim, std::string const& server) const {
        return latest_ ? peers_in(*latest_, claim, server) : std::nullopt;
    }

    void say(Finding finding) {
        base::MutexLock const lock(mutex_);
        findings_.push_back(std::move(finding));
    }

    native::NativeWorld world_;
    Plan const plan_;
    std::vector<LoadSpec> const loads_;
    std::unique_ptr<TopologyWatch> watch_;
    std::unique_ptr<DeliveryRecord> record_;
    std::unique_ptr<Judge> judge_;
    std::vector<std::unique_ptr<LoadClient>> clients_;
    observe::TopologyPtr latest_;
    std::size_t told_violations_ = 0;
    bool playing_ = false;
    world::TimerId timer_;
    base::TripleBuffer<observe::TopologyPtr> topology_;
    base::TripleBuffer<LoadFiguresPtr> figures_;
    base::Mutex mutex_;
    std::vector<Finding> findings_ GUARDED_BY(mutex_);
    std::thread thread_;
};

ClusterWatch::ClusterWatch(Plan const& plan, std::vector<LoadSpec> loads)
    : impl_(std::make_unique<Impl>(plan, std::move(loads))) {}

ClusterWatch::~ClusterWatch() = default;

void ClusterWatch::start_loads() {
    impl_->run([this] { impl_->start_loads(); });
}

void ClusterWatch::stop_loads() {
    impl_->run([this] { impl_->stop_loads(); });
}

void ClusterWatch::set_watched(bool watched) {
    impl_->run([this, watched] { impl_->set_watched(watched); });
}

void ClusterWatch::expect(Expect const& expect, Duration since_begin, Duration until) {
    impl_->run([this, expect, since_begin, until] { impl_->expect(expect, since_begin, until); });
}

void ClusterWatch::disturbed(Duration longest) {
    impl_->run([this, longest] { impl_->disturbed(longest); });
}

void ClusterWatch::finish() {
    impl_->run([this] { impl_->finish(); });
}

std::vector<Finding> ClusterWatch::take_findings() {
    return impl_->take_findings();
}

observe::TopologyPtr const& ClusterWatch::topology() {
    return impl_->topology().latest();
}

LoadFiguresPtr const& ClusterWatch::figures() {
    return impl_->figures().latest();
}

}  // namespace signalbox::host::lab
