#include "gui/models/problem_model.h"

#include <algorithm>

namespace signalbox::gui {

using Severity = ConfigurationProblem::Severity;

void ProblemModel::show(std::vector<ConfigurationProblem> problems) {
    std::ranges::stable_sort(problems, {}, &ConfigurationProblem::line);
    beginResetModel();
    problems_ = std::move(problems);
    endResetModel();
}

ConfigurationProblem const* ProblemModel::problemAt(int row) const {
    bool const inside = row >= 0 && static_cast<std::size_t>(row) < problems_.size();
    return inside ? &problems_[static_cast<std::size_t>(row)] : nullptr;
}

int ProblemModel::errors() const {
    return static_cast<int>(
        std::ranges::count(problems_, Severity::Error, &ConfigurationProblem::severity));
}

int ProblemModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(problems_.size());
}

int ProblemModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant ProblemModel::data(QModelIndex const& index, int role) const {
    ConfigurationProblem const* const problem = problemAt(index.row());
    if (problem == nullptr) {
        return {};
    }
    bool const error = problem->severity == Severity::Error;
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Kind ? QString() : text(*problem, index.column());
        case Qt::AccessibleTextRole:
        case Qt::ToolTipRole:
            return text(*problem, index.column());
        case BadgesRole:
            return index.column() == Kind
                       ? QVariant::fromValue(
                             Badges{{text(*problem, Kind), error ? Tone::Error : Tone::Warning}})
                       : QVariant();
        case ToneRole:
            return static_cast<int>(index.column() == Place ? Tone::Muted : Tone::Plain);
        default:
            return {};
    }
}

QString ProblemModel::text(ConfigurationProblem const& problem, int column) const {
    switch (column) {
        case Kind:
            return problem.severity == Severity::Error ? tr("error") : tr("warning");
        case Place: {
            QString const file =
                problem.file.isEmpty() ? QString() : problem.file + QLatin1Char(':');
            if (problem.line == 0) {
                return problem.file.isEmpty() ? tr("whole file") : problem.file;
            }
            return problem.column < 0
                       ? tr("%1line %2").arg(file).arg(problem.line)
                       : tr("%1%2:%3").arg(file).arg(problem.line).arg(problem.column + 1);
        }
        case Text:
            return problem.text;
        default:
            return {};
    }
}

QVariant ProblemModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Kind:
            return tr("Kind");
        case Place:
            return tr("Place");
        case Text:
            return tr("What is wrong");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
