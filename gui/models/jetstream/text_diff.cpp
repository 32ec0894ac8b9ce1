#include "gui/models/jetstream/text_diff.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

constexpr qsizetype kMostCells = 1'000'000;

}  // namespace

std::vector<DiffLine> diffLines(QString const& before, QString const& after) {
    QStringList const a = before.isEmpty() ? QStringList() : before.split(QLatin1Char('\n'));
    QStringList const b = after.isEmpty() ? QStringList() : after.split(QLatin1Char('\n'));
    std::vector<DiffLine> lines;
    auto const put = [&](DiffLine::Kind kind, QString const& text) {
        lines.push_back({kind, text});
    };
    if (a.size() * b.size() > kMostCells) {
        std::ranges::for_each(a, [&](QString const& one) { put(DiffLine::Kind::Gone, one); });
        std::ranges::for_each(b, [&](QString const& one) { put(DiffLine::Kind::Come, one); });
        return lines;
    }
    // Of each pair of tails, the length of their longest common sequence of lines.
    auto const width = static_cast<std::size_t>(b.size()) + 1;
    std::vector<int> common((static_cast<std::size_t>(a.size()) + 1) * width, 0);
    auto const at = [&](qsizetype i, qsizetype j) -> int& {
        return common[static_cast<std::size_t>(i) * width + static_cast<std::size_t>(j)];
    };
    for (qsizetype i = a.size() - 1; i >= 0; --i) {
        for (qsizetype j = b.size() - 1; j >= 0; --j) {
            at(i, j) = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
        }
    }
    qsizetype i = 0;
    qsizetype j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            put(DiffLine::Kind::Same, a[i]);
            ++i;
            ++j;
        } else if (i < a.size() && (j == b.size() || at(i + 1, j) >= at(i, j + 1))) {
            put(DiffLine::Kind::Gone, a[i++]);
        } else {
            put(DiffLine::Kind::Come, b[j++]);
        }
    }
    return lines;
}

}  // namespace signalbox::gui
