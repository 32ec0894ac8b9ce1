#include "engine/host/engine.h"

#include "engine/base/mutex.h"
#include "engine/host/engine_core.h"
#include "engine/host/mailbox.h"
#include "engine/host/observer.h"
#include "engine/native/native_world.h"
#include "engine/shape/shaped_world.h"

#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>
#include <utility>

namespace signalbox::host {

class Engine::Impl {
public:
    explicit Impl(EngineOptions options)
        : options_(std::move(options)), world_(options_.program_name) {
        native::raise_descriptor_limit();
        if (options_.observe) {
            observer_.emplace();
        }
        if (options_.shaped) {
            shaped_.emplace(world_);
        }
        core_ =
            std::make_unique<EngineCore>(shaped_ ? static_cast<World&>(*shaped_) : world_, options_,
                                         outcomes_, observer_ ? &*observer_ : nullptr);
        thread_ = std::thread([this] {
            native::name_this_thread("engine");
            world_.loop().run();
        });
    }

    ~Impl() {
        resume();
        world_.loop().post([this] { core_->stop_all([this] { world_.loop().stop(); }); });
        thread_.join();
        core_.reset();
    }

    Token post(Command command) {
        Token const token = ++last_token_;
        if (waiting_.fetch_add(1, std::memory_order_relaxed) >= kMostWaiting) {
            waiting_.fetch_sub(1, std::memory_order_relaxed);
            outcomes_.put({.token = token,
                           .error = Error(Errc::LimitExceeded, "too many commands are waiting"),
                           .server = 0,
                           .reply = {}});
            return token;
        }
        world_.loop().post([this, token, command = std::move(command)]() mutable {
            waiting_.fetch_sub(1, std::memory_order_relaxed);
            core_->run(token, std::move(command));
        });
        return token;
    }

    void on_idle(std::function<void()> callback) {
        world_.loop().post([this, callback = std::move(callback)]() mutable {
            core_->on_idle(std::move(callback));
        });
    }

    void on_reload_request(std::function<void()> callback) {
        world_.loop().post([this, callback = std::move(callback)]() mutable {
            core_->on_reload_request(std::move(callback));
        });
    }

    void shape(std::function<void(shape::ShapedNetwork&)> change) {
        world_.loop().post([this, change = std::move(change)] {
            if (shaped_) {
                change(shaped_->network());
            }
        });
    }

    void pause() {
        {
            base::MutexLock const lock(mutex_);
            if (std::exchange(paused_, true)) {
                return;
            }
        }
        world_.loop().post([this] { stand_still(); });
    }

    void resume() {
        {
            base::MutexLock const lock(mutex_);
            paused_ = false;
        }
        resumed_.notify_all();
    }

    Mailbox& outcomes() { return outcomes_; }
    Observer* observer() { return observer_ ? &*observer_ : nullptr; }
    observe::SnapshotPtr const& nothing() const { return nothing_; }

private:
    static constexpr std::size_t kMostWaiting = 10'000;

    void stand_still() {
        base::MutexLock const lock(mutex_);
        while (paused_) {
            resumed_.wait(mutex_);
        }
    }

    EngineOptions options_;
    native::NativeWorld world_;
    std::optional<shape::ShapedWorld> shaped_;
    Mailbox outcomes_;
    std::optional<Observer> observer_;
    observe::SnapshotPtr nothing_;
    std::unique_ptr<EngineCore> core_;
    std::atomic<std::size_t> waiting_{0};
    Token last_token_ = 0;
    base::Mutex mutex_;
    std::condition_variable_any resumed_;
    bool paused_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Engine::~Engine() = default;

Token Engine::post(Command command) {
    return impl_->post(std::move(command));
}

Outcome Engine::wait(Token token) {
    return impl_->outcomes().wait(token);
}

std::vector<Outcome> Engine::take_outcomes() {
    return impl_->outcomes().take_all();
}

observe::SnapshotPtr const& Engine::latest() {
    Observer* const observer = impl_->observer();
    return observer == nullptr ? impl_->nothing() : observer->latest();
}

void Engine::set_tree_query(std::optional<observe::TreeQuery> query) {
    if (Observer* const observer = impl_->observer()) {
        observer->set_tree_query(std::move(query));
    }
}

std::size_t Engine::drain_tap(std::size_t limit,
                              std::function<void(observe::TapRow const&)> const& visit) {
    Observer* const observer = impl_->observer();
    return observer == nullptr ? 0 : observer->drain_tap(limit, visit);
}

std::size_t Engine::drain_events(std::size_t limit,
                                 std::function<void(observe::EventRow const&)> const& visit) {
    Observer* const observer = impl_->observer();
    return observer == nullptr ? 0 : observer->drain_events(limit, visit);
}

std::size_t Engine::drain_log(std::size_t limit,
                              std::function<void(observe::LogRow const&)> const& visit) {
    Observer* const observer = impl_->observer();
    return observer == nullptr ? 0 : observer->drain_log(limit, visit);
}

void Engine::shape(std::function<void(shape::ShapedNetwork&)> change) {
    impl_->shape(std::move(change));
}

void Engine::pause() {
    impl_->pause();
}

void Engine::resume() {
    impl_->resume();
}

void Engine::on_idle(std::function<void()> callback) {
    impl_->on_idle(std::move(callback));
}

void Engine::on_reload_request(std::function<void()> callback) {
    impl_->on_reload_request(std::move(callback));
}

}  // namespace signalbox::host
