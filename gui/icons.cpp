#include "gui/icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

// The macro declares a function and so has to stand outside of every namespace.
static void initResources() {
    Q_INIT_RESOURCE(resources);
}

namespace signalbox::gui {

namespace {

class TintedIcon : public QIconEngine {
public:
    explicit TintedIcon(QString name) : name_(std::move(name)) {}

    QIconEngine* clone() const override { return new TintedIcon(name_); }

    void paint(QPainter* painter, QRect const& rect, QIcon::Mode mode,
               QIcon::State state) override {
        double const ratio = painter->device()->devicePixelRatioF();
        QPixmap map = scaledPixmap(rect.size() * ratio, mode, state, ratio);
        map.setDevicePixelRatio(ratio);
        painter->drawPixmap(rect, map);
    }

    QPixmap pixmap(QSize const& size, QIcon::Mode mode, QIcon::State state) override {
        return scaledPixmap(size, mode, state, 1);
    }

    QPixmap scaledPixmap(QSize const& size, QIcon::Mode mode, QIcon::State /*state*/,
                         qreal /*scale*/) override {
        QPalette const palette = QGuiApplication::palette();
        bool const disabled = mode == QIcon::Disabled;
        QColor const color =
            palette.color(disabled ? QPalette::Disabled : QPalette::Active, QPalette::ButtonText);
        QString const key = QStringLiteral("icon %1 %2 %3 %4")
                                .arg(name_, color.name(QColor::HexArgb))
                                .arg(size.width())
                                .arg(size.height());
        QPixmap map;
        if (!QPixmapCache::find(key, &map)) {
            map = draw(size, color);
            QPixmapCache::insert(key, map);
        }
        return map;
    }

private:
    QPixmap draw(QSize const& size, QColor const& color) const {
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name_));
        QPixmap map(size);
        map.fill(Qt::transparent);
        if (!file.open(QIODevice::ReadOnly)) {
            return map;
        }
        QByteArray svg = file.readAll();
        svg.replace("#000", color.name().toLatin1());
        QSvgRenderer renderer(svg);
        QPainter painter(&map);
        painter.setOpacity(color.alphaF());
        renderer.render(&painter, QRectF(QPointF(0, 0), QSizeF(size)));
        return map;
    }

    QString name_;
};

}  // namespace

QIcon icon(QString const& name) {
    return QIcon(new TintedIcon(name));
}

QIcon programIcon() {
    QIcon result;
    for (int const size : {16, 24, 32, 48, 64, 128, 256}) {
        QPixmap map(size, size);
        map.fill(Qt::transparent);
        QPainter painter(&map);
        QSvgRenderer renderer(QStringLiteral(":/icons/signalbox.svg"));
        renderer.render(&painter, QRectF(0, 0, size, size));
        painter.end();
        result.addPixmap(map);
    }
    return result;
}

void loadResources() {
    initResources();
}

}  // namespace signalbox::gui
