#pragma once

#include "engine/observe/snapshot.h"

#include <QObject>

#include <array>
#include <deque>
#include <vector>

namespace signalbox::gui {

/// What is kept over time. The order is that of the columns of an export.
enum class Series {
    MsgsIn,
    MsgsOut,
    BytesIn,
    BytesOut,
    Connections,
    Subscriptions,
    kCount
};
inline constexpr std::size_t kSeriesCount = static_cast<std::size_t>(Series::kCount);

/// What a figure did in one step of time.
struct Span {
    float min = 0;
    float avg = 0;
    float max = 0;
};

/// One step of time; `time` is its start, in milliseconds of the wall clock.
struct HistoryPoint {
    qint64 time = 0;
    std::array<Span, kSeriesCount> values{};
};

/// The figures of a server over time, in tiers of fixed size: 100 ms for ten minutes, 1 s for two
/// hours, 10 s for a day. What falls out of a fine tier is still in the next.
class TrafficHistory : public QObject {
    Q_OBJECT

public:
    using Values = std::array<double, kSeriesCount>;

    struct Tier {
        qint64 step;
        std::size_t length;
    };
    static constexpr std::array<Tier, 3> kTiers{Tier{100, 6'000}, Tier{1'000, 7'200},
                                                Tier{10'000, 8'640}};

    using QObject::QObject;

    /// Times must not go back; one that does is left out.
    void append(qint64 time, Values const& values);
    void append(observe::ServerSnapshot const& server, qint64 time);
    void clear();

    bool empty() const { return first_ == 0; }
    qint64 firstTime() const { return first_; }
    qint64 lastTime() const { return last_; }

    /// The points between two times, of the finest tier that reaches back so far and has not more
    /// than `most` of them there (the coarsest when all have more).
    std::vector<HistoryPoint> between(qint64 from, qint64 to, std::size_t most = 6'000) const;

    /// The average of the newest `count` steps of the finest tier, oldest first.
    std::vector<float> recent(Series series, std::size_t count) const;

private:
    struct Building {
        HistoryPoint point;
        std::size_t samples = 0;
    };
    void add(std::size_t tier, qint64 time, Values const& values);

    std::array<std::deque<HistoryPoint>, kTiers.size()> kept_;
    std::array<Building, kTiers.size()> building_;
    qint64 first_ = 0;
    qint64 last_ = 0;
};

}  // namespace signalbox::gui
