#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace signalbox::gui {

struct DiffLine {
    enum class Kind {
        Same,
        Gone,
        Come,
    };
    Kind kind = Kind::Same;
    QString text;
};

/// What became of a text, line by line. Past so many lines that it would take long, all of the one
/// is gone and all of the other has come.
std::vector<DiffLine> diffLines(QString const& before, QString const& after);

}  // namespace signalbox::gui
