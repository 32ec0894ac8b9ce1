#include "gui/plots/traffic_plot.h"

#include "gui/models/figures.h"
#include "gui/models/history_text.h"

#include <QDateTime>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace signalbox::gui {

namespace {

/// Marks of an axis as our figures: `1.60 M` in place of `1.6e+06`.
class FigureTicker : public QCPAxisTicker {
public:
    explicit FigureTicker(bool bytes) : bytes_(bytes) { setTickCount(4); }

protected:
    QString getTickLabel(double tick, QLocale const& /*locale*/, QChar /*format*/,
                         int /*precision*/) override {
        return bytes_ ? shortBytes(tick) : shortCount(tick);
    }

private:
    bool bytes_;
};

struct Line {
    Series series;
    std::size_t color;
    char const* name;
};

struct Part {
    char const* title;
    bool bytes;
    int stretch;
    std::vector<Line> lines;
};

std::vector<Part> const& parts() {
    static std::vector<Part> const all{
        {QT_TRANSLATE_NOOP("TrafficPlot", "Messages a second"),
         false,
         3,
         {{Series::MsgsIn, 0, QT_TRANSLATE_NOOP("TrafficPlot", "in")},
          {Series::MsgsOut, 1, QT_TRANSLATE_NOOP("TrafficPlot", "out")}}},
        {QT_TRANSLATE_NOOP("TrafficPlot", "Bytes a second"),
         true,
         3,
         {{Series::BytesIn, 0, QT_TRANSLATE_NOOP("TrafficPlot", "in")},
          {Series::BytesOut, 1, QT_TRANSLATE_NOOP("TrafficPlot", "out")}}},
        {QT_TRANSLATE_NOOP("TrafficPlot", "Connections and subscriptions"),
         false,
         2,
         {{Series::Connections, 2, QT_TRANSLATE_NOOP("TrafficPlot", "connections")},
          {Series::Subscriptions, 3, QT_TRANSLATE_NOOP("TrafficPlot", "subscriptions")}}},
    };
    return all;
}

QString translated(char const* text) {
    return QCoreApplication::translate("TrafficPlot", text);
}

}  // namespace

/// The plot itself, so that nobody else meets QCustomPlot.
class TrafficPlot::Impl : public QCustomPlot {
public:
    Impl(TrafficPlot& owner, TrafficHistory const& history, Theme const& theme)
        : owner_(owner), history_(history), theme_(theme) {
        setAccessibleName(TrafficPlot::tr("Traffic over time"));
        setFocusPolicy(Qt::StrongFocus);
        plotLayout()->clear();
        addLayer(QStringLiteral("cursor"), layer(QStringLiteral("overlay")), limAbove);
        layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
        for (std::size_t i = 0; i < parts().size(); ++i) {
            addPart(parts()[i], static_cast<int>(i));
        }
        setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
        setNoAntialiasingOnDrag(true);
        connect(&theme_, &Theme::changed, this, [this] { applyTheme(); });
        applyTheme();
    }

    void fill(qint64 from, qint64 to) {
        auto const most = static_cast<std::size_t>(std::max(400, width() * 2));
        std::vector<HistoryPoint> const points = history_.between(from, to, most);
        for (QCPGraph* const graph : graphs_) {
            auto const series = static_cast<std::size_t>(graph->property("series").toInt());
            QVector<QCPGraphData> values;
            values.reserve(static_cast<qsizetype>(points.size()));
            for (HistoryPoint const& point : points) {
                values.append({static_cast<double>(point.time) / 1000.0,
                               static_cast<double>(point.values[series].avg)});
            }
            graph->data()->set(values, true);
        }
        for (QCPAxisRect* const rect : rects_) {
            scaleHeight(*rect);
        }
    }

    void setTimes(qint64 from, qint64 to) {
        setting_ = true;
        for (QCPAxisRect* const rect : rects_) {
            rect->axis(QCPAxis::atBottom)
                ->setRange(static_cast<double>(from) / 1000.0, static_cast<double>(to) / 1000.0);
        }
        setting_ = false;
        char const* const format = to - from < 15'000      ? "HH:mm:ss.z"
                                   : to - from < 7'000'000 ? "HH:mm:ss"
                                                           : "HH:mm";
        for (QSharedPointer<QCPAxisTickerDateTime> const& ticker : tickers_) {
            ticker->setDateTimeFormat(QLatin1String(format));
        }
    }

    QCPRange times() const { return rects_.front()->axis(QCPAxis::atBottom)->range(); }

    void repaintPlot(bool now) { replot(now ? rpImmediateRefresh : rpQueuedReplot); }

    void setBoxZoom(bool on) { setSelectionRectMode(on ? QCP::srmZoom : QCP::srmNone); }

    bool live = true;
    qint64 span = 60'000;

protected:
    void mousePressEvent(QMouseEvent* event) override {
        setBoxZoom(event->modifiers().testFlag(Qt::ShiftModifier));
        QCustomPlot::mousePressEvent(event);
    }

    void mouseReleaseEvent(QMouseEvent* event) override {
        QCustomPlot::mouseReleaseEvent(event);
        setBoxZoom(false);
    }

    void mouseDoubleClickEvent(QMouseEvent* /*event*/) override { owner_.setLive(true); }

    void mouseMoveEvent(QMouseEvent* event) override {
        QCustomPlot::mouseMoveEvent(event);
        moveCursor(rects_.front()->axis(QCPAxis::atBottom)->pixelToCoord(event->pos().x()), true);
    }

    void leaveEvent(QEvent* event) override {
        QCustomPlot::leaveEvent(event);
        moveCursor(0, false);
    }

    void keyPressEvent(QKeyEvent* event) override {
        switch (event->key()) {
            case Qt::Key_Left:
                owner_.pan(-0.1);
                break;
            case Qt::Key_Right:
                owner_.pan(0.1);
                break;
            case Qt::Key_Plus:
            case Qt::Key_Up:
                owner_.zoom(0.8);
                break;
            case Qt::Key_Minus:
            case Qt::Key_Down:
                owner_.zoom(1.25);
                break;
            case Qt::Key_Space:
                owner_.setLive(!live);
                break;
            case Qt::Key_End:
                owner_.setLive(true);
                break;
            default:
                QCustomPlot::keyPressEvent(event);
        }
    }

private:
    void addPart(Part const& part, int row) {
        auto* const rect = new QCPAxisRect(this);
        rects_.push_back(rect);
        plotLayout()->addElement(row, 0, rect);
        plotLayout()->setRowStretchFactor(row, part.stretch);
        rect->setMinimumMargins({70, 24, 16, 6});
        rect->setRangeDrag(Qt::Horizontal);
        rect->setRangeZoom(Qt::Horizontal);
        for (QCPAxis* const axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
        }
        QCPAxis* const bottom = rect->axis(QCPAxis::atBottom);
        QSharedPointer<QCPAxisTickerDateTime> times(new QCPAxisTickerDateTime);
        times->setDateTimeFormat(QStringLiteral("HH:mm:ss"));
        times->setTickCount(7);
        tickers_.push_back(times);
        bottom->setTicker(times);
        bottom->setTickLabels(row + 1 == static_cast<int>(parts().size()));
        rect->axis(QCPAxis::atLeft)
            ->setTicker(QSharedPointer<QCPAxisTicker>(new FigureTicker(part.bytes)));
        connect(bottom, qOverload<QCPRange const&>(&QCPAxis::rangeChanged), this,
                [this, bottom](QCPRange const& range) { rangeMoved(bottom, range); });
        for (Line const& line : part.lines) {
            QCPGraph* const graph = addGraph(bottom, rect->axis(QCPAxis::atLeft));
            graph->setProperty("series", static_cast<int>(line.series));
            graph->setProperty("seriesColor", static_cast<int>(line.color));
            graph->setName(translated(line.name));
            graph->setAdaptiveSampling(true);
            graphs_.push_back(graph);
        }
        addTitle(part, *rect);
        auto* const cursor = new QCPItemStraightLine(this);
        cursor->setLayer(QStringLiteral("cursor"));
        cursor->setClipAxisRect(rect);
        for (QCPItemPosition* const position : {cursor->point1, cursor->point2}) {
            position->setAxes(bottom, rect->axis(QCPAxis::atLeft));
            position->setTypeX(QCPItemPosition::ptPlotCoords);
            position->setTypeY(QCPItemPosition::ptAxisRectRatio);
            position->setAxisRect(rect);
        }
        cursor->setVisible(false);
        cursors_.push_back(cursor);
    }

    /// The name of the part and those of its lines, in their colours, above the axes.
    void addTitle(Part const& part, QCPAxisRect& rect) {
        auto* const title = new QCPItemText(this);
        title->setClipToAxisRect(false);
        title->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
        title->position->setType(QCPItemPosition::ptAxisRectRatio);
        title->position->setAxisRect(&rect);
        title->position->setCoords(0, -0.01);
        title->setText(translated(part.title));
        title->setFont(Theme::scaled(1.0, QFont::DemiBold));
        titles_.push_back(title);
        QCPItemText* before = title;
        for (Line const& line : part.lines) {
            auto* const name = new QCPItemText(this);
            name->setClipToAxisRect(false);
            name->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
            name->position->setParentAnchor(before->topRight);
            name->position->setType(QCPItemPosition::ptAbsolute);
            name->position->setCoords(before == title ? 14 : 8, 0);
            name->setProperty("seriesColor", static_cast<int>(line.color));
            name->setText(QStringLiteral("— ") + translated(line.name));
            name->setFont(Theme::scaled(1.0));
            names_.push_back(name);
            before = name;
        }
    }

    void applyTheme() {
        ThemeTokens const& tokens = theme_.tokens();
        setBackground(tokens.base);
        for (QCPAxisRect* const rect : rects_) {
            for (QCPAxis* const axis : rect->axes()) {
                axis->setBasePen(QPen(tokens.border));
                axis->setTickPen(QPen(tokens.border));
                axis->setSubTickPen(Qt::NoPen);
                axis->setTickLabelColor(tokens.muted);
                axis->setTickLabelFont(Theme::scaled(0.9));
                axis->grid()->setPen(QPen(tokens.grid));
                axis->grid()->setZeroLinePen(QPen(tokens.border));
            }
        }
        for (QCPGraph* const graph : graphs_) {
            auto const color = static_cast<std::size_t>(graph->property("seriesColor").toInt());
            graph->setPen(QPen(tokens.series[color], 1));
        }
        for (QCPItemText* const title : titles_) {
            title->setColor(tokens.text);
        }
        for (QCPItemText* const name : names_) {
            name->setColor(
                tokens.series[static_cast<std::size_t>(name->property("seriesColor").toInt())]);
        }
        for (QCPItemStraightLine* const cursor : cursors_) {
            cursor->setPen(QPen(tokens.muted, 1, Qt::DashLine));
        }
        selectionRect()->setPen(QPen(tokens.accent));
        QColor inside = tokens.accent;
        inside.setAlphaF(0.15F);
        selectionRect()->setBrush(inside);
        repaintPlot(false);
    }

    void scaleHeight(QCPAxisRect& rect) {
        double most = 0;
        for (QCPGraph* const graph : rect.graphs()) {
            for (QCPGraphData const& point : *graph->data()) {
                most = std::max(most, point.value);
            }
        }
        // Steps of a fifth, so that the scale does not tremble with every value.
        double const wanted = std::max(most, 1.0) * 1.08;
        double const unit = std::pow(10, std::floor(std::log10(wanted))) / 5;
        rect.axis(QCPAxis::atLeft)->setRange(0, std::ceil(wanted / unit) * unit);
    }

    void rangeMoved(QCPAxis* moved, QCPRange const& range) {
        if (setting_) {
            return;
        }
        setting_ = true;
        for (QCPAxisRect* const rect : rects_) {
            if (rect->axis(QCPAxis::atBottom) != moved) {
                rect->axis(QCPAxis::atBottom)->setRange(range);
            }
        }
        setting_ = false;
        span = std::max<qint64>(500, static_cast<qint64>(range.size() * 1000));
        owner_.setLive(false);
        owner_.refresh();
    }

    void moveCursor(double time, bool visible) {
        for (QCPItemStraightLine* const cursor : cursors_) {
            cursor->setVisible(visible);
            cursor->point1->setCoords(time, 0);
            cursor->point2->setCoords(time, 1);
        }
        layer(QStringLiteral("cursor"))->replot();
        emit owner_.cursorMoved(visible ? valuesAt(time) : QString());
    }

    QString valuesAt(double time) const {
        QStringList values;
        for (QCPGraph* const graph : graphs_) {
            auto const found = graph->data()->findBegin(time);
            if (found == graph->data()->constEnd() || std::abs(found->key - time) > 30) {
                return {};
            }
            bool const bytes = graph->valueAxis() == rects_[1]->axis(QCPAxis::atLeft);
            QString const value = bytes ? shortBytes(found->value) : shortCount(found->value);
            values << QStringLiteral("%1 %2").arg(graph->name(), value);
        }
        return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(time * 1000))
                   .toString(QStringLiteral("HH:mm:ss.z  ")) +
               values.join(QStringLiteral("   "));
    }

    TrafficPlot& owner_;
    TrafficHistory const& history_;
    Theme const& theme_;
    std::vector<QCPAxisRect*> rects_;
    std::vector<QCPGraph*> graphs_;
    std::vector<QCPItemText*> titles_;
    std::vector<QCPItemText*> names_;
    std::vector<QCPItemStraightLine*> cursors_;
    std::vector<QSharedPointer<QCPAxisTickerDateTime>> tickers_;
    bool setting_ = false;
};

TrafficPlot::TrafficPlot(TrafficHistory const& history, Theme const& theme, QWidget* parent)
    : QWidget(parent), history_(history), impl_(std::make_unique<Impl>(*this, history, theme)) {
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(impl_.get());
}

TrafficPlot::~TrafficPlot() = default;

void TrafficPlot::setSpan(qint64 milliseconds) {
    impl_->span = milliseconds;
    setLive(true);
    refresh();
}

void TrafficPlot::setLive(bool live) {
    if (impl_->live != live) {
        impl_->live = live;
        emit liveChanged(live);
        refresh();
    }
}

bool TrafficPlot::live() const {
    return impl_->live;
}

void TrafficPlot::refresh() {
    if (isVisible()) {
        draw(false);
    }
}

void TrafficPlot::refreshNow() {
    draw(true);
}

void TrafficPlot::draw(bool now) {
    if (impl_->live) {
        qint64 const to =
            history_.empty() ? QDateTime::currentMSecsSinceEpoch() : history_.lastTime();
        impl_->setTimes(to - impl_->span, to);
    }
    QCPRange const times = impl_->times();
    impl_->fill(static_cast<qint64>(times.lower * 1000), static_cast<qint64>(times.upper * 1000));
    impl_->repaintPlot(now);
}

bool TrafficPlot::savePng(QString const& path) {
    return impl_->savePng(path, 0, 0, 2.0);
}

QString TrafficPlot::csv() const {
    QCPRange const times = impl_->times();
    return historyCsv(history_.between(static_cast<qint64>(times.lower * 1000),
                                       static_cast<qint64>(times.upper * 1000)));
}

void TrafficPlot::zoom(double factor) {
    QCPRange const range = impl_->times();
    double const middle = range.center();
    double const half = std::max(0.25, range.size() * factor / 2);
    setLive(false);
    impl_->span = static_cast<qint64>(half * 2000);
    impl_->setTimes(static_cast<qint64>((middle - half) * 1000),
                    static_cast<qint64>((middle + half) * 1000));
    refresh();
}

void TrafficPlot::pan(double fraction) {
    QCPRange const range = impl_->times();
    double const by = range.size() * fraction;
    setLive(false);
    impl_->setTimes(static_cast<qint64>((range.lower + by) * 1000),
                    static_cast<qint64>((range.upper + by) * 1000));
    refresh();
}

}  // namespace signalbox::gui
