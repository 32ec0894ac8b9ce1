#include "engine/base/counter.h"
#include "engine/base/mutex.h"
#include "engine/base/spsc_ring.h"
#include "engine/base/triple_buffer.h"

#include "tests/support/run_tests.h"

#include <thread>

namespace signalbox {

using base::SpscRing;
using base::TripleBuffer;

namespace {

/// Too large to be written at once: a torn one has parts that differ.
struct Wide {
    std::array<std::uint64_t, 16> parts{};

    static Wide of(std::uint64_t n) {
        Wide wide;
        wide.parts.fill(n);
        return wide;
    }
    bool is_whole() const {
        return std::ranges::all_of(parts, [this](std::uint64_t n) { return n == parts[0]; });
    }
};

}  // namespace

/// The four types by which threads meet. The thread sanitizer runs these in the preset `nightly`.
class HandOverTest : public QObject {
    Q_OBJECT

private slots:
    void a_ring_keeps_the_order_and_refuses_what_is_too_much() {
        SpscRing<int> ring(4);
        QVERIFY(ring.front() == nullptr);
        for (int i = 0; i < 6; ++i) {
            QCOMPARE(ring.push(i), i < 4);
        }
        QCOMPARE(ring.dropped(), std::size_t{2});
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(*ring.front(), i);
            ring.pop();
        }
        QVERIFY(ring.front() == nullptr);
        QVERIFY(ring.push(7));
        QCOMPARE(*ring.front(), 7);
    }

    void a_slot_filled_in_place_keeps_the_memory_it_had() {
        SpscRing<std::string> ring(1);
        ring.claim()->assign(1'000, 'x');
        ring.publish();
        ring.front();
        ring.pop();
        std::string* const slot = ring.claim();
        QVERIFY(slot->capacity() >= 1'000);
        slot->assign("short");
        QVERIFY(ring.front() == nullptr);
        ring.publish();
        QCOMPARE(*ring.front(), std::string("short"));
    }

    void what_is_moved_through_a_ring_is_not_copied() {
        SpscRing<std::unique_ptr<int>> ring(2);
        ring.push(std::make_unique<int>(3));
        std::unique_ptr<int> const taken = std::move(*ring.front());
        ring.pop();
        QCOMPARE(*taken, 3);
    }

    void everything_pushed_is_taken_in_order_or_counted_as_dropped() {
        constexpr std::uint64_t kValues = 200'000;
        SpscRing<Wide> ring(64);
        Counter pushed;
        std::thread writer([&] {
            for (std::uint64_t n = 1; n <= kValues; ++n) {
                ring.push(Wide::of(n));
            }
            pushed.release(kValues);
        });
        std::uint64_t taken = 0;
        std::uint64_t last = 0;
        bool whole = true;
        bool ordered = true;
        for (;;) {
            // Asked before the look, so that nothing can come between.
            bool const done = pushed.acquire() == kValues;
            Wide const* const value = ring.front();
            if (value == nullptr) {
                if (done) {
                    break;
                }
                continue;
            }
            whole = whole && value->is_whole();
            ordered = ordered && value->parts[0] > last;
            last = value->parts[0];
            ++taken;
            ring.pop();
        }
        writer.join();
        QVERIFY(whole);
        QVERIFY(ordered);
        QCOMPARE(taken + ring.dropped(), kValues);
    }

    void the_latest_value_wins_and_stays_until_the_next() {
        TripleBuffer<int> buffer;
        QCOMPARE(buffer.latest(), 0);
        buffer.put(1);
        buffer.put(2);
        QCOMPARE(buffer.latest(), 2);
        QCOMPARE(buffer.latest(), 2);
        buffer.put(3);
        QCOMPARE(buffer.latest(), 3);
    }

    void a_reader_sees_whole_values_that_never_go_back() {
        constexpr std::uint64_t kValues = 200'000;
        TripleBuffer<Wide> buffer;
        std::thread writer([&] {
            for (std::uint64_t n = 1; n <= kValues; ++n) {
                buffer.put(Wide::of(n));
            }
        });
        std::uint64_t last = 0;
        bool whole = true;
        bool ordered = true;
        while (last < kValues) {
            Wide const& value = buffer.latest();
            whole = whole && value.is_whole();
            ordered = ordered && value.parts[0] >= last;
            last = value.parts[0];
        }
        writer.join();
        QVERIFY(whole);
        QVERIFY(ordered);
    }

    void a_counter_never_goes_back_and_loses_nothing() {
        constexpr std::uint64_t kValues = 1'000'000;
        Counter counter;
        std::thread writer([&] {
            for (std::uint64_t n = 0; n < kValues; ++n) {
                counter.add(1);
            }
        });
        bool ordered = true;
        for (std::uint64_t last = 0; last < kValues;) {
            std::uint64_t const now = counter.get();
            ordered = ordered && now >= last;
            last = now;
        }
        writer.join();
        QVERIFY(ordered);
        QCOMPARE(counter.get(), kValues);
    }

    void what_was_written_before_a_release_is_seen_after_an_acquire() {
        std::vector<std::uint64_t> values(1'000);
        Counter written;
        std::thread writer([&] {
            for (std::uint64_t i = 0; i < values.size(); ++i) {
                values[i] = i + 1;
                written.release(i + 1);
            }
        });
        bool right = true;
        for (std::uint64_t seen = 0; seen < values.size();) {
            for (std::uint64_t const count = written.acquire(); seen < count; ++seen) {
                right = right && values[seen] == seen + 1;
            }
        }
        writer.join();
        QVERIFY(right);
    }

    void a_mutex_lets_one_in_at_a_time() {
        base::Mutex mutex;
        std::uint64_t sum = 0;
        auto const work = [&] {
            for (int i = 0; i < 50'000; ++i) {
                base::MutexLock const lock(mutex);
                ++sum;
            }
        };
        std::thread other(work);
        work();
        other.join();
        QCOMPARE(sum, 100'000U);
    }
};

SIGNALBOX_TEST(HandOverTest);

}  // namespace signalbox

#include "hand_over_test.moc"
