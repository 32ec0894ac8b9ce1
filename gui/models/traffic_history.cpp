#include "gui/models/traffic_history.h"

#include <algorithm>

namespace signalbox::gui {

void TrafficHistory::append(qint64 time, Values const& values) {
    if (time <= last_) {
        return;
    }
    if (first_ == 0) {
        first_ = time;
    }
    last_ = time;
    for (std::size_t tier = 0; tier < kTiers.size(); ++tier) {
        add(tier, time, values);
    }
}

void TrafficHistory::append(observe::ServerSnapshot const& server, qint64 time) {
    append(time, {server.in_msgs.per_second, server.out_msgs.per_second, server.in_bytes.per_second,
                  server.out_bytes.per_second, static_cast<double>(server.connections),
                  static_cast<double>(server.subscriptions)});
}

void TrafficHistory::add(std::size_t tier, qint64 time, Values const& values) {
    Building& building = building_[tier];
    qint64 const start = time - time % kTiers[tier].step;
    if (building.samples > 0 && building.point.time != start) {
        kept_[tier].push_back(building.point);
        if (kept_[tier].size() > kTiers[tier].length) {
            kept_[tier].pop_front();
        }
        building = {};
    }
    building.point.time = start;
    auto const samples = static_cast<float>(++building.samples);
    for (std::size_t i = 0; i < kSeriesCount; ++i) {
        auto const value = static_cast<float>(values[i]);
        Span& span = building.point.values[i];
        span.min = building.samples == 1 ? value : std::min(span.min, value);
        span.max = building.samples == 1 ? value : std::max(span.max, value);
        span.avg += (value - span.avg) / samples;
    }
}

void TrafficHistory::clear() {
    for (auto& tier : kept_) {
        tier.clear();
    }
    building_ = {};
    first_ = 0;
    last_ = 0;
}

std::vector<HistoryPoint> TrafficHistory::between(qint64 from, qint64 to, std::size_t most) const {
    std::size_t tier = 0;
    for (; tier + 1 < kTiers.size(); ++tier) {
        qint64 const earliest = kept_[tier].empty() ? first_ : kept_[tier].front().time;
        bool const reaches = earliest <= std::max(from, first_);
        qint64 const covered = std::min(to, last_) - std::max(from, first_);
        bool const fits = covered / kTiers[tier].step <= static_cast<qint64>(most);
        if (reaches && fits) {
            break;
        }
    }
    auto const& kept = kept_[tier];
    auto const begin = std::ranges::lower_bound(kept, from, {}, &HistoryPoint::time);
    auto const end = std::ranges::upper_bound(kept, to, {}, &HistoryPoint::time);
    std::vector<HistoryPoint> points(begin, std::max(begin, end));
    HistoryPoint const& newest = building_[tier].point;
    if (building_[tier].samples > 0 && newest.time >= from && newest.time <= to) {
        points.push_back(newest);
    }
    return points;
}

std::vector<float> TrafficHistory::recent(Series series, std::size_t count) const {
    auto const& kept = kept_[0];
    std::size_t const take = std::min(count, kept.size());
    std::vector<float> values;
    values.reserve(take);
    for (std::size_t i = kept.size() - take; i < kept.size(); ++i) {
        values.push_back(kept[i].values[static_cast<std::size_t>(series)].avg);
    }
    return values;
}

}  // namespace signalbox::gui
