#include "engine/host/jetstream/jetstream_desk.h"

#include "engine/base/mutex.h"
#include "engine/native/native_world.h"

#include <thread>
#include <utility>

namespace signalbox::host {

class JetStreamDesk::Impl {
public:
    explicit Impl(JetStreamOptions options) : world_("signalbox jetstream") {
        world_.loop().post([this, options = std::move(options)]() mutable {
            core_ = std::make_unique<JetStreamCore>(world_, std::move(options), sink());
            core_->start();
        });
        thread_ = std::thread([this] {
            native::name_this_thread("jetstream");
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

    /// On the thread, in order.
    void run(std::function<void(JetStreamCore&)> act) {
        world_.loop().post([this, act = std::move(act)] {
            if (core_) {
                act(*core_);
            }
        });
    }

    std::uint64_t next_token() { return ++last_token_; }

    std::vector<JetStreamAnswer> take_answers() {
        base::MutexLock const lock(mutex_);
        return std::exchange(answers_, {});
    }
    std::vector<JetStreamProgress> take_progress() {
        base::MutexLock const lock(mutex_);
        std::vector<JetStreamProgress> all;
        for (auto const& [token, one] : progress_) {
            all.push_back(one);
        }
        progress_.clear();
        return all;
    }
    std::optional<JetStreamNews> take_news() {
        base::MutexLock const lock(mutex_);
        return std::exchange(news_, std::nullopt);
    }

private:
    JetStreamSink sink() {
        return {.news =
                    [this](JetStreamNews const& news) {
                        base::MutexLock const lock(mutex_);
                        news_ = news;
                    },
                .answer =
                    [this](JetStreamAnswer answer) {
                        base::MutexLock const lock(mutex_);
                        progress_.erase(answer.token);
                        answers_.push_back(std::move(answer));
                    },
                .progress =
                    [this](JetStreamProgress progress) {
                        base::MutexLock const lock(mutex_);
                        progress_[progress.token] = progress;
                    }};
    }

    native::NativeWorld world_;
    std::unique_ptr<JetStreamCore> core_;  ///< Belongs to the thread.
    base::Mutex mutex_;
    std::vector<JetStreamAnswer> answers_ GUARDED_BY(mutex_);
    std::map<std::uint64_t, JetStreamProgress> progress_ GUARDED_BY(mutex_);
    std::optional<JetStreamNews> news_ GUARDED_BY(mutex_);
    std::uint64_t last_token_ = 0;
    std::thread thread_;
};

JetStreamDesk::JetStreamDesk(JetStreamOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

JetStreamDesk::~JetStreamDesk() = default;

std::uint64_t JetStreamDesk::post(JetStreamOrder order) {
    std::uint64_t const token = impl_->next_token();
    impl_->run([token, order = std::move(order)](JetStreamCore& core) { core.run(token, order); });
    return token;
}

void JetStreamDesk::cancel(std::uint64_t token) {
    impl_->run([token](JetStreamCore& core) { core.cancel(token); });
}

void JetStreamDesk::look_again() {
    impl_->run([](JetStreamCore& core) { core.look_again(); });
}

std::vector<JetStreamAnswer> JetStreamDesk::take_answers() {
    return impl_->take_answers();
}

std::vector<JetStreamProgress> JetStreamDesk::take_progress() {
    return impl_->take_progress();
}

std::optional<JetStreamNews> JetStreamDesk::take_news() {
    return impl_->take_news();
}

}  // namespace signalbox::host
