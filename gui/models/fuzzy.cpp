#include "gui/models/fuzzy.h"

namespace signalbox::gui {

std::optional<int> fuzzyScore(QString const& typed, QString const& text) {
    int score = 0;
    qsizetype at = 0;
    qsizetype previous = -2;
    for (QChar const wanted : typed) {
        if (wanted.isSpace()) {
            continue;
        }
        QChar const c = wanted.toCaseFolded();
        qsizetype best = -1;
        // The next beginning of a word that fits is worth a jump; else the next fit at all.
        for (qsizetype i = at; i < text.size(); ++i) {
            if (text[i].toCaseFolded() != c) {
                continue;
            }
            bool const begins = i == 0 || !text[i - 1].isLetterOrNumber();
            if (best < 0 || begins) {
                best = i;
            }
            if (begins || i == previous + 1) {
                break;
            }
        }
        if (best < 0) {
            return std::nullopt;
        }
        bool const begins = best == 0 || !text[best - 1].isLetterOrNumber();
        score += 1 + (begins ? 6 : 0) + (best == previous + 1 ? 4 : 0);
        previous = best;
        at = best + 1;
    }
    return score * 100 - static_cast<int>(std::min<qsizetype>(text.size(), 99));
}

}  // namespace signalbox::gui
